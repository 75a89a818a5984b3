"""Verbs: one transaction each; the only writers of rows."""
