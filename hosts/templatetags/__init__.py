"""Words and signs for pages."""
