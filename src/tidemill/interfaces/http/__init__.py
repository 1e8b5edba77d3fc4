"""The HTTP server of predictions."""
