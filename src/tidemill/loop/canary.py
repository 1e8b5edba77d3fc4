"""Decides the next share of a challenger's traffic."""
