"""The gallery: every target live, side by side. It imports nothing of the tree around it, and runs without it."""
