"""Backends of the trainer port."""
