"""A text column that holds a sentence: `Words` or plain text in, a `Sentence` out that can be read in any language."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import TextChoices
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import override

from hosts.facts.words import Sentence, Words, read_stored, stored


class _Kept(DeferredAttribute):
    """The attribute of a row: whatever is assigned reads as a `Sentence` at once, as it would from the database."""

    def __set__(self, row: models.Model, value: Words | str | None) -> None:
        row.__dict__[self.field.attname] = value if value is None else Sentence(value)


class WordsField(models.TextField[Words | str, Sentence]):
    """A sentence kept as text (`hosts.facts.words.stored`). Texts from before, or typed by people, read as "
    "themselves."""

    descriptor_class = _Kept

    def deconstruct(self) -> Any:
        """For the database it is a text like any other."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs

    def from_db_value(self, value: str | None, *_: object) -> Sentence | None:
        return None if value is None else Sentence(read_stored(value))

    def to_python(self, value: Any) -> Any:
        return value if value is None or isinstance(value, Sentence) else Sentence(value)

    def get_prep_value(self, value: Any) -> Any:
        return value if value is None or hasattr(value, "resolve_expression") else stored(value)


def word_of(choice: TextChoices) -> Words:
    """The word for a stored choice, to stand in a sentence and be translated with it."""
    with override(None):  # the label as it was written
        return Words(str(choice.label).replace("%", "%%"))
