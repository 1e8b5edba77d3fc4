"""What the house remembers: frozen, append-only records and their identity."""
