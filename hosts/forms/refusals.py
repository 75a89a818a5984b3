"""An expected failure in, its sentences in the reader's language out."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from hosts.errors import Explainable
from hosts.facts.words import reason


def words_of(error: Explainable | ValidationError) -> str:
    """What happened, what was kept and what to do, for a message or a field."""
    return " ".join(error.messages) if isinstance(error, ValidationError) else reason(error).said_by(gettext)
