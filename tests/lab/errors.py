"""What goes wrong with the lab, as one sentence each."""

from __future__ import annotations


class LabError(Exception):
    """The lab could not do what was asked; the text says what is in the way and what to do."""
