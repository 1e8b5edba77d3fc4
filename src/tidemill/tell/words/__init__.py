"""From a code with fields to a sentence, per language."""
