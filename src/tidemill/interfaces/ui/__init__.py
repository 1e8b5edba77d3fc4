"""The web pages (their place; not built yet)."""
