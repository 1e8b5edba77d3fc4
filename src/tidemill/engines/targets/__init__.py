"""Backends of the target port."""
