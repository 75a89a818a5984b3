"""The query strings of the lists of leases, reservations and conversations in, what they ask for and chips out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from dhcp.choices import LEASE_WORDS, OUTCOME_WORDS
from dhcp.models import Server, Subnet
from hosts.forms.host_list import Chip
from hosts.models import Organization, User

PAGING = ("before", "after")


class ListForm(forms.Form):
    """What to see; what cannot be read is left out of account."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    server = forms.ModelChoiceField(label=_("Server"), queryset=Server.objects.none(), required=False)

    def __init__(self, data: QueryDict, *, user: User) -> None:
        super().__init__(data)
        self.query, self.user = data, user
        self._limit("server", Server.objects.visible_to(user).select_related("host").distinct().order_by("host__name"))
        self.limit()
        self.full_clean()

    def limit(self) -> None:
        """Rows that the person may choose."""

    def _limit(self, name: str, rows: Any) -> None:
        field: Any = self.fields[name]
        field.queryset = rows

    def said(self, name: str) -> Any:
        """A value, "" where none can be used."""
        return self.cleaned_data.get(name) or ""

    @property
    def server_id(self) -> int | None:
        """The key of the chosen server."""
        found = self.cleaned_data.get("server")
        return found.pk if found else None

    @property
    def servers(self) -> list[Server]:
        """Those to choose from."""
        field: Any = self.fields["server"]
        return list(field.queryset[:200])

    def chips(self) -> Iterator[Chip]:
        """Each condition, to be taken away by a click."""
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            if value:
                shown = dict(getattr(field, "choices", ())).get(value, value) if isinstance(value, str) else value
                yield Chip(f"{field.label}: {shown}", self.without(name))

    def without(self, *names: str) -> str:
        """The query string without these."""
        rest = self.query.copy()
        for name in (*names, *PAGING):
            rest.pop(name, None)
        return rest.urlencode()

    def with_(self, **values: str) -> str:
        """The query string with these instead, on its first page."""
        rest = self.query.copy()
        for name in PAGING:
            rest.pop(name, None)
        for name, value in values.items():
            rest[name] = value
        return rest.urlencode()

    @property
    def kept_query(self) -> str:
        """The conditions alone."""
        kept = self.query.copy()
        for name in list(kept):
            if name not in self.fields or not kept.get(name):
                del kept[name]
        return kept.urlencode()


class LeaseListForm(ListForm):
    """Leases."""

    state = forms.ChoiceField(
        label=_("State"), choices=[(v, words) for v, (words, _t) in LEASE_WORDS.items()], required=False
    )
    subnet = forms.ModelChoiceField(label=_("Subnet"), queryset=Subnet.objects.none(), required=False)
    vendor = forms.CharField(label=_("Vendor"), required=False, max_length=100)

    def limit(self) -> None:
        """Subnets that the person sees."""
        self._limit("subnet", Subnet.objects.visible_to(self.user).select_related("server__host").distinct())


class ReservationListForm(ListForm):
    """Reservations."""

    organization = forms.ModelChoiceField(label=_("Organization"), queryset=Organization.objects.none(), required=False)
    enabled = forms.ChoiceField(
        label=_("Enabled"), choices=[("yes", _("Enabled")), ("no", _("Switched off"))], required=False
    )
    subnet = forms.ModelChoiceField(label=_("Subnet"), queryset=Subnet.objects.none(), required=False)

    def limit(self) -> None:
        """Rows that the person sees."""
        self._limit("organization", Organization.objects.visible_to(self.user).order_by("name"))
        self._limit("subnet", Subnet.objects.visible_to(self.user).select_related("server__host").distinct())


class ExchangeListForm(ListForm):
    """Conversations."""

    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=[(v, words) for v, (words, _t) in OUTCOME_WORDS.items()], required=False
    )
    since = forms.DateTimeField(label=_("From"), required=False)
    until = forms.DateTimeField(label=_("Until"), required=False)


class WhoHadForm(forms.Form):
    """An address, and a time in the reader's zone."""

    address = forms.GenericIPAddressField(label=_("Address"))
    at = forms.DateTimeField(
        label=_("At that time"), widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"})
    )
