"""Carries decisions out: the only hand of the loop."""
