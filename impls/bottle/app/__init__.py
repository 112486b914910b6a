"""The Same Session app in Bottle."""
