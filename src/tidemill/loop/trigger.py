"""Decides whether a run is due: schedule, new rows, failed checks."""
