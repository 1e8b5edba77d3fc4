"""Stage 7: from a validated version to answers."""
