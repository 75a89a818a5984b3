"""Saved filters: a name for a way of looking at a list."""

from __future__ import annotations

from django.db import transaction

from hosts.errors import BadInput, NotAllowed
from hosts.facts.words import gettext_noop, words
from hosts.models import SavedFilter
from hosts.services.audit import Actor, note

LONGEST_QUERY = 500


@transaction.atomic
def save_filter(page: str, name: str, query: str, *, is_shared: bool, by: Actor) -> SavedFilter:
    """Keep a query string under a name of one's own; the same name again replaces it."""
    name = name.strip()
    if not name:
        raise BadInput(words(gettext_noop("Type a name for this filter.")), field="name")
    if not query:
        raise BadInput(words(gettext_noop("Nothing is filtered yet. Choose what to see, then save it.")), field="name")
    if len(query) > LONGEST_QUERY:
        raise BadInput(
            words(gettext_noop("This filter is too long to be kept. Take a few conditions away.")), field="name"
        )
    row, _ = SavedFilter.objects.update_or_create(
        user=by.person, page=page, name=name[:60], defaults={"query": query, "is_shared": is_shared}
    )
    note(by, "save filter", row)
    return row


@transaction.atomic
def delete_filter(row: SavedFilter, *, by: Actor) -> None:
    """Forget a filter. Only its owner can."""
    if row.user_id != by.person.pk:
        raise NotAllowed(
            words(gettext_noop("“%(name)s” belongs to %(person)s, who shares it."), name=row.name, person=str(row.user))
        )
    note(by, "delete filter", row)
    row.delete()
