"""Suites that every backend of a port inherits, and fakes; shipped for plug-in authors."""
