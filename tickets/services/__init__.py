"""The verbs of the desk: one transaction each, the only writers of rows."""
