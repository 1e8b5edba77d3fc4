"""Stage 8: from the prediction log to readings."""
