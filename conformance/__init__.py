"""The conformance suite: clauses, a client that hides nothing, outcomes, and the run that brings them together."""
