"""Backends of the search port."""
