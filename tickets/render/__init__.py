"""Facts to text; pure."""
