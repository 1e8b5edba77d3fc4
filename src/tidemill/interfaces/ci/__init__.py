"""The checks of a commit (their place; not built yet)."""
