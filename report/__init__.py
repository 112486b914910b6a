"""Makes reports of files of results, and compares two of them."""
