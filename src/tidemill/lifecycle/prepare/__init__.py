"""Stage 3: from dataset versions to a training set."""
