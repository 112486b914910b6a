"""The clauses, a file a topic. A clause asserts; what only prepares it raises `NotSetUp`."""
