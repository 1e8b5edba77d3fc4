"""Backends of the flavor port."""
