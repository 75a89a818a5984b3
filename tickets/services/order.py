"""The desk's settings: a row and its parts in, both saved or deleted together with a line in the book."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils.translation import override

from hosts.errors import BadInput, NotAllowed
from hosts.facts.words import gettext_noop, words
from hosts.services.audit import Actor, note, snapshot
from tickets.models import Department, DeskSettings, HelpTopic, Priority, Sequence, Status

Row = TypeVar("Row", bound=models.Model)
DEEPEST = 20
SHOWN_LENGTH = 300


@transaction.atomic
def save_row(
    row: Row,
    *,
    by: Actor,
    kept: Iterable[models.Model] = (),
    dropped: Iterable[models.Model] = (),
    extra: Mapping[str, Any] | None = None,
    columns: Iterable[str] = (),
) -> Row:
    """Create or change a setting. `kept` and `dropped` are rows that belong to it; `extra` goes into the book.

    Of a row that is there only what people edit is written, and `columns`: workers write the others meanwhile.
    ValidationError names the fields.
    """
    kept, dropped = list(kept), list(dropped)
    before = _as_it_was(row)
    row.full_clean(exclude=_empty_tables(row))
    row.save(update_fields=None if before is None else [*(name for name in before if name != _key(row)), *columns])
    details = changes(row, before) if before is not None else {}
    details |= _save_parts(row, kept, dropped)
    note(by, "create" if before is None else "change", row, details=details | dict(extra or {}))
    return row


@transaction.atomic
def delete_row(row: models.Model, *, by: Actor) -> None:
    """Delete it with its parts. ProtectedError where something still uses it."""
    note(by, "delete", row)
    row.delete()


@transaction.atomic
def save_in_tree(row: Department | HelpTopic, *, by: Actor) -> Department | HelpTopic:
    """Create or change something that has a place in a tree; BadInput where it would stand below itself."""
    above, steps = row.parent, 0
    while above is not None and row.pk:
        steps += 1
        if above.pk == row.pk or steps > DEEPEST:
            raise BadInput(
                words(
                    gettext_noop("“%(name)s” cannot be a part of itself. Choose another place; nothing was saved."),
                    name=row.name,
                ),
                field="parent",
            )
        above = above.parent
    if isinstance(row, Department) and row.is_archived and DeskSettings.objects.filter(department=row).exists():
        raise BadInput(
            words(
                gettext_noop(
                    "New tickets go to this department where nothing else is said, so it cannot be archived. "
                    "Choose another default department in the desk settings first."
                )
            ),
            field="is_archived",
        )
    return save_row(row, by=by)


@transaction.atomic
def save_status(status: Status, *, by: Actor) -> Status:
    """Create or change a status. One that is taken for its state takes that place from the one before."""
    old = Status.objects.filter(pk=status.pk).first() if status.pk else None
    if old is not None and old.is_first and not (status.is_first and status.state == old.state):
        raise _still_first(old)
    if status.is_first:
        Status.objects.filter(state=status.state, is_first=True).exclude(pk=status.pk).update(is_first=False)
    return save_row(status, by=by)


@transaction.atomic
def delete_status(status: Status, *, by: Actor) -> None:
    """Delete a status that no ticket has and that is not the one its state needs."""
    if status.is_first:
        raise _still_first(status)
    delete_row(status, by=by)


@transaction.atomic
def save_sequence(sequence: Sequence, *, by: Actor, next_value: int | None = None) -> Sequence:
    """Create or change a number sequence. Its next number only goes up, also while tickets are being opened."""
    if sequence.pk:
        now = Sequence.objects.select_for_update().get(pk=sequence.pk).next_value
        sequence.next_value = max(now, next_value or now)
    return save_row(sequence, by=by)


@transaction.atomic
def save_priority(priority: Priority, *, by: Actor) -> Priority:
    """Create or change a priority. One that is taken where none is said takes that place from the one before."""
    if priority.is_default:
        Priority.objects.filter(is_default=True).exclude(pk=priority.pk).update(is_default=False)
    return save_row(priority, by=by)


def changes(row: models.Model, before: Mapping[str, Any]) -> dict[str, Any]:
    """Field: [before, after] of what differs from an earlier `values`; of a table only the lines that differ."""
    found: dict[str, Any] = {}
    for name, after in values(row).items():
        old = before.get(name)
        if old == after:
            continue
        if isinstance(old, dict) and isinstance(after, dict):
            for key in sorted({*old, *after}):
                if old.get(key) != after.get(key):
                    found[f"{name} {key}"] = [_said(old.get(key)), _said(after.get(key))]
        else:
            found[name] = [_said(old), _said(after)]
    return found


def values(row: models.Model) -> dict[str, Any]:
    """Each editable column: short text, and tables as they are. Sealed values are not among them."""
    tables = {field.name for field in row._meta.concrete_fields if isinstance(field, models.JSONField)}
    return {
        name: json.loads(json.dumps(getattr(row, name))) if name in tables else text
        for name, text in snapshot(row).items()
    }


def _empty_tables(row: models.Model) -> set[str]:
    """Lists and tables that hold nothing, which Django takes for a blank: a role may allow nothing, a year have no
    day off.
    """
    fields = [field.name for field in row._meta.concrete_fields if isinstance(field, models.JSONField)]
    return {name for name in fields if getattr(row, name) in ([], {})}


def _key(row: models.Model) -> str:
    return str(row._meta.pk.name) if row._meta.pk else ""


def _as_it_was(row: models.Model) -> dict[str, Any] | None:
    kind: Any = type(row)
    old = kind.objects.select_for_update(of=("self",)).filter(pk=row.pk).first() if row.pk else None
    return None if old is None else values(old)


def _save_parts(row: models.Model, kept: list[models.Model], dropped: list[models.Model]) -> dict[str, list[str]]:
    """Write the rows that belong to `row`; what the book says: {kind of part: [all before, all after]}."""
    kinds = {type(part) for part in (*kept, *dropped)}
    before = {kind: _all_parts(row, kind) for kind in kinds}
    for part in dropped:
        part.delete()
    for part in kept:
        setattr(part, _link(row, type(part)), row)
        part.full_clean()
        part.save()
    after = {kind: _all_parts(row, kind) for kind in kinds}
    return {str(kind._meta.model_name): [before[kind], after[kind]] for kind in kinds if before[kind] != after[kind]}


def _link(row: models.Model, kind: type[models.Model]) -> str:
    """The column by which a part points at its row."""
    fields = kind._meta.concrete_fields
    return next(field.name for field in fields if field.is_relation and field.related_model is type(row))


def _all_parts(row: models.Model, kind: type[models.Model]) -> str:
    parts: Any = kind
    rows: Any = parts.objects.filter(**{_link(row, kind): row}).order_by("pk")
    with override(None):  # the book is written in nobody's language
        return "; ".join(_part_said(part, _link(row, kind)) for part in rows)[:SHOWN_LENGTH]


def _part_said(part: models.Model, link: str) -> str:
    """A part in one line: what it points at, its texts, and the switches that are on."""
    said = []
    for field in part._meta.concrete_fields:
        if field.primary_key or field.name == link or not field.editable:
            continue
        value = getattr(part, field.name)
        if isinstance(value, bool):
            said += [str(field.verbose_name)] if value else []
        elif value not in (None, ""):
            said.append(str(value))
    return ", ".join(said)


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_said(each) for each in value)[:SHOWN_LENGTH]
    return "" if value is None else str(value)[:SHOWN_LENGTH]


def _still_first(status: Status) -> NotAllowed:
    return NotAllowed(
        words(
            gettext_noop(
                "“%(name)s” is the status that is meant where only its state is said. "
                "Mark another status of that state first; this one was left as it was."
            ),
            name=status.name,
        )
    )
