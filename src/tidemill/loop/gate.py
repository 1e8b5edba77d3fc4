"""Decides from verdicts whether a version may be released."""
