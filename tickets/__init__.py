"""Mail to a ticket and back: the help desk."""
