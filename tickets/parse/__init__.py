"""Bytes of mails to facts."""
