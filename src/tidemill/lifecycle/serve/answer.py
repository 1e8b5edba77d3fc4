"""The hot path: from a request to scores."""
