"""Decides the routing policy that follows from the releases."""
