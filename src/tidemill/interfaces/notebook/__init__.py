"""Facts in a notebook (its place; not built yet)."""
