"""Where facts, bytes and rows are kept; the only home of storage drivers."""
