"""The query string of the host list in, a narrowed queryset and removable chips out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hosts.choices import HostRole, HostState
from hosts.models import Host, Organization, Tag, User

NO_ORGANIZATION = "none"
SWITCHES: dict[str, Q] = {
    "reboot": Q(needs_reboot=True),
    "drifted": Q(drifted_count__gt=0),
    "findings": Q(findings_count__gt=0),
    "maintenance": Q(is_in_maintenance=True),
}


class Chip(NamedTuple):
    """One condition in words, and the query string without it."""

    words: str
    query: str


def _choice(label: Any, choices: Any = ()) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple)


class HostListForm(forms.Form):
    """What to see of the hosts. Conditions of different fields must all hold, several values of one any."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    state = _choice(_("State"), HostState.choices)
    role = _choice(_("Role"), HostRole.choices)
    site = _choice(_("Site"))
    organization = _choice(_("Organization"))
    tag = _choice(_("Tag"))
    system = forms.CharField(label=_("System"), required=False, max_length=120)
    reboot = forms.BooleanField(label=_("Reboot pending"), required=False)
    drifted = forms.BooleanField(label=_("Drifted files"), required=False)
    findings = forms.BooleanField(label=_("With findings"), required=False)
    maintenance = forms.BooleanField(label=_("In maintenance"), required=False)

    def __init__(self, data: QueryDict, *, user: User) -> None:
        super().__init__(data)
        self.query = data
        visible = Host.objects.visible_to(user)
        sites = visible.exclude(site="").order_by("site").values_list("site", flat=True).distinct()
        tags = Tag.objects.filter(hosts__in=visible).order_by("name").values_list("name", flat=True).distinct()
        owners = Organization.objects.visible_to(user).order_by("name").values_list("pk", "name")
        self._choose("site", [(site, site) for site in sites])
        self._choose("tag", [(tag, tag) for tag in tags])
        nobody = [(NO_ORGANIZATION, gettext("None"))] if user.sees_everything else []
        self._choose("organization", [*((str(pk), name) for pk, name in owners), *nobody])
        self.full_clean()

    def narrowed(self, hosts: QuerySet[Host]) -> QuerySet[Host]:
        """The hosts that fit. A value that is none of the choices is left out of account."""
        for name, column in (("state", "state"), ("site", "site")):
            if self._chosen(name):
                hosts = hosts.filter(**{f"{column}__in": self._chosen(name)})
        if self._chosen("role"):
            hosts = hosts.filter(role_rows__role__in=self._chosen("role"))
        if self._chosen("tag"):
            hosts = hosts.filter(tags__name__in=self._chosen("tag"))
        if self._chosen("organization"):
            hosts = hosts.filter(_of_organizations(self._chosen("organization")))
        for name, condition in SWITCHES.items():
            if self.cleaned_data.get(name):
                hosts = hosts.filter(condition)
        if system := self.cleaned_data.get("system"):
            hosts = hosts.filter(os_name=system)
        for word in (self.cleaned_data.get("q") or "").split():
            hosts = hosts.filter(_says(word))
        return hosts.distinct()

    def chips(self) -> Iterator[Chip]:
        """Each condition that holds, to be taken away by a click."""
        for name in self.fields:
            value = self.cleaned_data.get(name)
            if isinstance(value, list):
                shown = dict(getattr(self.fields[name], "choices", ()))
                for each in value:
                    yield Chip(f"{self.fields[name].label}: {shown.get(each, each)}", self._without(name, each))
            elif value is True:
                yield Chip(str(self.fields[name].label), self._without(name))
            elif value:
                yield Chip(f"{self.fields[name].label}: {value}", self._without(name))

    @property
    def kept_query(self) -> str:
        """The conditions as a query string, without page and order: what a saved filter keeps."""
        kept = self.query.copy()
        for name in list(kept):
            if name not in self.fields or not any(kept.getlist(name)):
                del kept[name]
        return kept.urlencode()

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
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


def _of_organizations(values: list[str]) -> Q:
    chosen = Q(organization__in=[value for value in values if value != NO_ORGANIZATION])
    return chosen | Q(organization__isnull=True) if NO_ORGANIZATION in values else chosen


def _says(word: str) -> Q:
    """Whether a word stands in what people know a host by."""
    columns = ("name", "address", "site", "notes", "os_name", "kernel", "organization__name")
    found = Q(tags__name__iexact=word)
    for column in columns:
        found |= Q(**{f"{column}__icontains": word})
    return found
