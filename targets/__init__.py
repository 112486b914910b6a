"""Targets: found by their manifests, started in a runtime, handed out as base URLs.

The conformance suite, the benchmark and `make up` use this package; it uses none of them.
"""
