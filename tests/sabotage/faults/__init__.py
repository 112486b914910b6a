"""The catalogue of faults, a file a topic: each changes one thing, and says in one sentence what is wrong with it."""
