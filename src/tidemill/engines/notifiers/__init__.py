"""Backends of the notifier port."""
