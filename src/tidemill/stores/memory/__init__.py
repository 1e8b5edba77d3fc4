"""A backend of every storage port that lives in one process."""
