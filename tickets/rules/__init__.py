"""Facts to verdicts; pure."""
