"""Facts to verdicts."""
