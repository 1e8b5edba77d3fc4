"""Backends of the online port."""
