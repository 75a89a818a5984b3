"""What people type for lists, lease times and rows of a table in; the values of columns out, and back again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from dhcp.facts.server import INFINITE
from dhcp.services.editing import lease_seconds_of
from hosts.errors import BadInput
from hosts.forms.refusals import words_of

_UNITS = ((604800, "w"), (86400, "d"), (3600, "h"), (60, "m"))
MOST_ROWS = 500


def time_typed(seconds: int | None) -> str:
    """A lease time as people type it: infinite, 7 d, 8 h, 90 m, 45."""
    if seconds is None:
        return ""
    if seconds == INFINITE:
        return "infinite"
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds and seconds % size == 0), (1, ""))
    return f"{seconds // size} {unit}".strip()


class LeaseTimeField(forms.CharField):
    """Seconds, 8 h, 7 d, infinite or -1; empty says nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=40, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """A column as text; what was typed stays as it is."""
        return time_typed(value) if value is None or isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """The seconds."""
        typed = str(super().clean(value))
        try:
            return lease_seconds_of(typed, "")
        except BadInput as error:
            raise ValidationError(words_of(error)) from error


class WordListField(forms.CharField):
    """Words with blanks or commas between them, as a list."""

    def prepare_value(self, value: Any) -> Any:
        """A list as one line."""
        return " ".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        """The words."""
        return [word for word in re.split(r"[\s,]+", str(super().clean(value))) if word]


class LineListField(forms.CharField):
    """One entry on each line, as a list."""

    widget = forms.Textarea(attrs={"rows": 3, "class": "code-input", "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        """A list as lines."""
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        """The lines that are not empty."""
        return [line.strip() for line in str(super().clean(value)).splitlines() if line.strip()]


class RowsWidget(forms.Widget):
    """Rows of inputs that are called NAME-COLUMN; templates draw them from `RowsField.drawn`."""

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__()
        self.columns = tuple(columns)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[tuple[str, ...]] | None:
        """The rows as typed, without those that are empty; None where the form had no such table."""
        if not hasattr(data, "getlist"):
            given = data.get(name)
            return None if given is None else [tuple(row) for row in given]
        lists = [data.getlist(f"{name}-{column}") for column in self.columns]
        if not any(lists):
            return None
        longest = min(max(len(each) for each in lists), MOST_ROWS)
        rows = (tuple(each[at].strip() if at < len(each) else "" for each in lists) for at in range(longest))
        return [row for row in rows if row[self.first_typed()] or any(row[1:])]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Whether the form had no such table."""
        return not any(f"{name}-{column}" in data for column in self.columns)

    def first_typed(self) -> int:
        """The column that makes a row one."""
        return 0

    def id_for_label(self, id_: str, index: str = "0") -> str:
        """The table itself is what an error leads to."""
        return id_


class RowsField(forms.Field):
    """Rows as tuples of texts. `choices` says which columns are chosen from a list, `lists` which have suggestions."""

    def __init__(
        self,
        columns: Mapping[str, Any],
        *,
        choices: Mapping[str, Iterable[tuple[str, Any]]] | None = None,
        lists: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.columns = dict(columns)
        self.choices = {name: list(options) for name, options in (choices or {}).items()}
        self.lists = dict(lists or {})
        super().__init__(required=False, widget=RowsWidget(list(columns)), **kwargs)

    def clean(self, value: Any) -> list[tuple[str, ...]]:
        """The rows; what they mean the form says."""
        return [tuple(row) for row in value or ()]


def drawn_rows(form: forms.BaseForm, name: str) -> dict[str, Any]:
    """What the template of a table of inputs needs: its heads and its rows, each cell with its input's name."""
    bound = form[name]
    field: Any = bound.field
    wrong: dict[int, str] = getattr(form, "wrong_rows", {}).get(name, {})
    cells = [
        {
            "name": f"{name}-{column}",
            "label": label,
            "choices": field.choices.get(column),
            "list": field.lists.get(column, ""),
        }
        for column, label in field.columns.items()
    ]
    rows = [
        {"cells": [{**cell, "value": text} for cell, text in zip(cells, row, strict=False)], "wrong": wrong.get(at, "")}
        for at, row in enumerate(bound.value() or ())
    ]
    return {"field": bound, "columns": list(field.columns.values()), "empty": cells, "rows": rows}
