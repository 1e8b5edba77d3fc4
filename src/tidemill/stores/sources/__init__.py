"""Backends of the source port."""
