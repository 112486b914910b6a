"""The Same Session app in Starlette."""
