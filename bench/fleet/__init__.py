"""Load from many machines: the scenarios for Locust, on a schedule that it keeps, with histograms that are merged."""
