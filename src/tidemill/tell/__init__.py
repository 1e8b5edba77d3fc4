"""How a fact is said and shown, the same for every door."""
