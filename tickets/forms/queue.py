"""The query string of the queue in, a narrowed queryset and removable chips out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, cast

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hosts.models import Organization, Tag, User
from tickets.choices import TicketSource
from tickets.models import Ticket
from tickets.models.read_once import once
from tickets.models.ticket import TicketQuerySet
from tickets.services import house
from tickets.services.search import found
from tickets.services.tagged import with_tags

NOBODY = "none"
ME = "me"
COLUMNS = ("status", "priority", "department", "topic", "agent", "team", "organization", "source")


class Chip(NamedTuple):
    """One condition in words, and the query string without it."""

    words: str
    query: str


def _choice(label: Any, choices: Any = ()) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple)


class QueueForm(forms.Form):
    """What to see of a queue. Conditions of different fields must all hold, several values of one any."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    status = _choice(_("Status"))
    priority = _choice(_("Priority"))
    department = _choice(_("Department"))
    topic = _choice(_("Help topic"))
    agent = _choice(_("Agent"))
    team = _choice(_("Team"))
    tag = _choice(_("Tag"))
    organization = _choice(_("Organization"))
    source = _choice(_("Came by"), TicketSource.choices)

    def __init__(self, data: QueryDict, *, user: User) -> None:
        super().__init__(data)
        self.query = data
        self.user = user
        self._rows("status", house.statuses)
        self._rows("priority", house.priorities)
        self._rows("department", lambda: [row for row in house.departments() if not row.is_archived])
        self._rows("topic", lambda: [row for row in house.topics() if not row.is_archived], with_nobody=True)
        self._choose("agent", _agents)
        self._rows("team", lambda: [row for row in house.teams() if row.is_active], with_nobody=True)
        self._choose("tag", lambda: [(name, name) for name in _tags()])
        mine = Organization.objects.visible_to(user).order_by("name")[:200]
        self._rows("organization", lambda: once(("organizations", user.pk), lambda: list(mine)), with_nobody=True)
        self.full_clean()

    def narrowed(self, tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
        """The tickets that fit. A value that is none of the choices is left out of account."""
        for name in COLUMNS:
            if values := self._chosen(name):
                tickets = tickets.filter(self._one_of(name, values))
        if tags := self._chosen("tag"):
            tickets = with_tags(cast(TicketQuerySet, tickets), tags)
        return found(cast(TicketQuerySet, tickets), self.cleaned_data.get("q") or "")

    def chips(self) -> Iterator[Chip]:
        """Each condition that holds, to be taken away by a click."""
        for name in self.fields:
            value = self.cleaned_data.get(name)
            if isinstance(value, list):
                shown = {} if not value else dict(getattr(self.fields[name], "choices", ()))
                for each in value:
                    yield Chip(f"{self.fields[name].label}: {shown.get(each, each)}", self._without(name, each))
            elif value:
                yield Chip(f"{self.fields[name].label}: {value}", self._without(name))

    @property
    def held(self) -> list[tuple[str, str]]:
        """(name, value) of each condition but the words, for a form that does not show them yet."""
        return [(name, value) for name in self.fields if name != "q" for value in self._chosen(name)]

    @property
    def kept(self) -> dict[str, list[str]]:
        """The conditions as {field: values}: what a queue of one's own keeps."""
        return {name: self.query.getlist(name) for name in self.fields if any(self.query.getlist(name))}

    def _one_of(self, name: str, values: list[str]) -> Q:
        if name == "source":
            return Q(source__in=values)
        own = agent.pk if (agent := getattr(self.user, "agent", None)) else -1
        keys = [own if value == ME else value for value in values if value != NOBODY]
        chosen = Q(**{f"{name}__in": keys})
        return chosen | Q(**{f"{name}__isnull": True}) if NOBODY in values else chosen

    def _rows(self, name: str, rows: Callable[[], Iterable[Any]], *, with_nobody: bool = False) -> None:
        def choices() -> list[tuple[str, str]]:
            found = [(str(row.pk), str(row)) for row in rows()]
            return [(NOBODY, gettext("None")), *found] if with_nobody and found else found

        self._choose(name, choices)

    def _choose(self, name: str, choices: Callable[[], list[tuple[str, str]]]) -> None:
        """Choices that are only read where they are shown or something was chosen."""
        field: Any = self.fields[name]
        field.choices = choices

    def _chosen(self, name: str) -> list[str]:
        found: list[str] = self.cleaned_data.get(name) or []
        return found

    def _without(self, name: str, value: str | None = None) -> str:
        rest = self.query.copy()
        rest.setlist(name, [each for each in rest.getlist(name) if value is not None and each != value])
        for gone in ("before", "after"):
            rest.pop(gone, None)
        return rest.urlencode()


def _agents() -> list[tuple[str, str]]:
    at_work = [(str(row.pk), str(row)) for row in house.agents() if row.user.is_active]
    return [(ME, gettext("Me")), (NOBODY, gettext("Nobody")), *at_work]


def _tags() -> list[str]:
    return once("tags", lambda: list(Tag.objects.order_by("name").values_list("name", flat=True)[:200]))
