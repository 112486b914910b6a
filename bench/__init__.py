"""Benchmarks: campaigns that compare targets side by side, and say how sure that is."""
