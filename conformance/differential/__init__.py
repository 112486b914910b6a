"""The differential check: random visits to all targets at once, held against a model of SPEC.md and each other."""
