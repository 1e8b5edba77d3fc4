"""Stage 6: from scores to verdicts."""
