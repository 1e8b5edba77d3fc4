"""Writes what was answered into the prediction log."""
