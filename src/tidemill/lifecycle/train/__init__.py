"""Stage 4: from a training set to a model version."""
