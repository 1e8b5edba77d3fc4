"""Decides whether a challenger becomes champion."""
