"""The web page that `make up` serves: every target live, side by side. `app` is the page, the rest starts it."""
