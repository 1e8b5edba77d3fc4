"""Stage 5: from a model version to scores."""
