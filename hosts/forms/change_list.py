"""The query string of the list of changes in, a narrowed queryset and removable chips out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from hosts.choices import ChangeState as S
from hosts.choices import Source
from hosts.forms.host_list import Chip
from hosts.models import Change, Host, User
from hosts.models.change import ENDED

WAITING = (S.COMPARED,)
GOING = (S.PLANNED, S.QUEUED, S.APPLYING, S.LOST)
TROUBLE = (S.FAILED, S.LOST, S.ROLLED_BACK, S.REFUSED)
VIEWS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "": (_("All"), ()),
    "waiting": (_("Waiting for approval"), WAITING),
    "approved": (_("Approved"), (S.APPROVED,)),
    "going": (_("Under way"), GOING),
    "trouble": (_("Did not hold"), TROUBLE),
    "applied": (_("Applied"), (S.APPLIED,)),
    "mine": (_("Planned by me"), ()),
    "open": (_("Not at their end"), ()),
}
TABS = ("", "waiting", "approved", "going", "trouble", "applied", "mine")
PAGING = ("before", "after")


class ChangeListForm(forms.Form):
    """What to see of the changes; what cannot be read is left out of account."""

    view = forms.ChoiceField(choices=[(name, words) for name, (words, _states) in VIEWS.items()], required=False)
    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    state = forms.MultipleChoiceField(label=_("State"), choices=S.choices, required=False)
    source = forms.MultipleChoiceField(label=_("Made by"), choices=Source.choices, required=False)
    host = forms.ModelChoiceField(label=_("Host"), queryset=Host.objects.none(), required=False)

    def __init__(self, data: QueryDict, *, user: User) -> None:
        super().__init__(data)
        self.query = data
        self.user = user
        host: Any = self.fields["host"]
        host.queryset = Host.objects.visible_to(user)
        self.full_clean()

    @property
    def view_now(self) -> str:
        """The tab that is open."""
        return str(self.cleaned_data.get("view") or "")

    def narrowed(self, changes: QuerySet[Change]) -> QuerySet[Change]:
        """The changes that fit."""
        said = self.cleaned_data
        states = VIEWS[self.view_now][1]
        if states:
            changes = changes.filter(state__in=states)
        elif self.view_now == "mine":
            changes = changes.filter(planned_by=self.user)
        elif self.view_now == "open":
            changes = changes.exclude(state__in=ENDED)
        for name in ("state", "source"):
            if said.get(name):
                changes = changes.filter(**{f"{name}__in": said[name]})
        if said.get("host"):
            changes = changes.filter(host=said["host"])
        for word in (said.get("q") or "").split():
            changes = changes.filter(_says(word))
        return changes

    def chips(self) -> Iterator[Chip]:
        """Each condition beside the tab, to be taken away by a click."""
        said = self.cleaned_data
        if said.get("q"):
            yield Chip(f"{self.fields['q'].label}: {said['q']}", self._without("q"))
        for name in ("state", "source"):
            shown = dict(getattr(self.fields[name], "choices", ()))
            for value in said.get(name) or []:
                yield Chip(f"{self.fields[name].label}: {shown[value]}", self._without(name, value))
        if said.get("host"):
            yield Chip(f"{self.fields['host'].label}: {said['host']}", self._without("host"))

    def tabs(self, counts: dict[str, int]) -> Iterator[dict[str, Any]]:
        """The tabs with what waits behind each, where that is few enough to be counted."""
        for name in TABS:
            words, states = VIEWS[name]
            count = sum(counts.get(state, 0) for state in states) if name in ("waiting", "approved", "going") else 0
            yield {
                "words": words,
                "query": self._with(view=name),
                "is_now": name == self.view_now,
                "count": count,
            }

    @property
    def kept_query(self) -> str:
        """The conditions as a query string, without page and order."""
        kept = self.query.copy()
        for name in list(kept):
            if name not in self.fields or not any(kept.getlist(name)):
                del kept[name]
        return kept.urlencode()

    def _with(self, **values: str) -> str:
        query = self.query.copy()
        for name in PAGING:
            query.pop(name, None)
        for name, value in values.items():
            if value:
                query[name] = value
            else:
                query.pop(name, None)
        return query.urlencode()

    def _without(self, name: str, value: str | None = None) -> str:
        rest = self.query.copy()
        rest.setlist(name, [each for each in rest.getlist(name) if value is not None and each != value])
        for gone in PAGING:
            rest.pop(gone, None)
        return rest.urlencode()


def _says(word: str) -> Q:
    """Whether a word is the number of a change, or stands in its title, reference or host's name."""
    number = word.removeprefix("#")
    found = Q(title__icontains=word) | Q(reference__icontains=word) | Q(host__name__icontains=word)
    return found | Q(pk=int(number)) if number.isdecimal() and len(number) < 10 else found
