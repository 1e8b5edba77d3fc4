"""Named queries and numbered migrations."""
