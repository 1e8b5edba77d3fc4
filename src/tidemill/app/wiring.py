"""Plugs a backend in by the scheme of its URL: built-in table first, then entry points."""
