"""Frozen values: what is known of a mail and of the ticket it may belong to."""
