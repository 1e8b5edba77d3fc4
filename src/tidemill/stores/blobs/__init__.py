"""Backends of the blobs port."""
