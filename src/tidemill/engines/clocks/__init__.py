"""Backends of the clock port."""
