"""Runs the stages of one run and commits what they found."""
