"""Stage 2: from a dataset version to a profile and findings."""
