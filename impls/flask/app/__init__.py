"""The Same Session app in Flask."""
