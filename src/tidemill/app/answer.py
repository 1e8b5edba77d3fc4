"""Answers a caller: predict, rank, events, outcomes."""
