"""Inline SVG marks."""
