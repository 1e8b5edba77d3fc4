"""Backends of the tables port."""
