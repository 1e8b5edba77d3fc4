"""Backends of the journal port."""
