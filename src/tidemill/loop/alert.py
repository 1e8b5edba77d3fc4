"""Decides which readings become alerts, and for whom."""
