"""Decides whether a version is taken back, and what follows."""
