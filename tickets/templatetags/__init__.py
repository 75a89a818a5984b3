"""Words and signs for the pages of the desk."""
