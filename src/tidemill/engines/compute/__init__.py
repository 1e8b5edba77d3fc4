"""Backends of the compute port."""
