"""The words that a declaration is written with, each a function from plain values to a frozen record."""
