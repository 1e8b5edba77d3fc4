"""Backends of the runner port."""
