"""Contracts in numbers: what rows seem to promise, and whether newer rows keep it."""
