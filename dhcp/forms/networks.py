"""Subnets, shared networks, pools and groups as forms; rows out, not saved yet, with their ranges as typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dhcp.forms.declared import SETTINGS, DeclaredForm, Section
from dhcp.forms.fields import RowsField
from dhcp.models import Group, Pool, SharedNetwork, Subnet
from dhcp.services.editing import RangeSaid

USUAL, BOOTP, TEMPORARY = "", "bootp", "temporary"
KINDS4 = [(USUAL, gettext_lazy("DHCP clients")), (BOOTP, gettext_lazy("BOOTP clients too"))]
KINDS6 = [(USUAL, gettext_lazy("addresses")), (TEMPORARY, gettext_lazy("temporary addresses"))]
PREFIXES = [(str(length), format_lazy("{} /{}", gettext_lazy("prefixes"), length)) for length in range(16, 129)]
SUBNET = ("network", "name", "shared_network", "group", "interface", "number")
VERBS = [(verb, verb) for verb in ("allow", "deny", "ignore")]
THRESHOLDS = gettext_lazy("When somebody is told")
RANGES_HELP = gettext_lazy(
    "The first and the last address, both included. A last one left empty means the first alone."
)


def ranges_field(version: int) -> RowsField:
    """First, last, and who may have them; of IPv6 also prefixes to delegate."""
    columns: dict[str, Any] = {"first": gettext_lazy("First"), "last": gettext_lazy("Last")}
    choices: dict[str, Any] = {"kind": KINDS4 if version == 4 else [*KINDS6, *PREFIXES]}
    columns["kind"] = gettext_lazy("For")
    return RowsField(columns, choices=choices, label=gettext_lazy("Ranges"), help_text=RANGES_HELP)


class WithRanges(DeclaredForm[Any]):
    """A form that has ranges beside the columns of its row."""

    def put_ranges(self, pool: Pool | None) -> None:
        """Those of a pool that is there."""
        self.fields["ranges"] = ranges_field(self.server.version)
        rows = [(each.first, each.last, _kind_of(each)) for each in pool.ranges.all()] if pool else []
        self.initial.setdefault("ranges", rows)

    def ranges(self) -> list[RangeSaid]:
        """As typed."""
        return [_said(*row) for row in self.cleaned_data["ranges"]]


def _kind_of(row: Any) -> str:
    if row.prefix_length is not None:
        return str(row.prefix_length)
    return BOOTP if row.is_bootp else TEMPORARY if row.is_temporary else USUAL


def _said(first: str, last: str, kind: str) -> RangeSaid:
    length = int(kind) if kind.isdecimal() else None
    return RangeSaid(first, last, kind == BOOTP, kind == TEMPORARY, length)


class SubnetForm(WithRanges):
    """A subnet with the ranges that stand in it."""

    first = SUBNET

    class Meta:
        model = Subnet
        fields = (*SUBNET, "warn_percent", "alarm_percent", *SETTINGS)
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "shared_network": gettext_lazy("Other subnets on the same wire, if there are any."),
            "interface": gettext_lazy("Of the server; empty: by its address."),
            "number": gettext_lazy("Its leases refer to it; 0 lets the panel count."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit_homes(self, "shared_network", "group")
        row = self.instance
        self.put_ranges(row.pools.filter(is_plain=True).prefetch_related("ranges").first() if row.pk else None)
        if self.server.kind == "isc":
            del self.fields["number"]

    def clean_number(self) -> int:
        """Left empty is 0."""
        return int(self.cleaned_data.get("number") or 0)

    def parts(self) -> list[Section]:
        """With ranges, and when somebody is told."""
        own, *rest = super().parts()
        ranges = (gettext_lazy("Addresses that it gives"), ["ranges"], True)
        return [own, ranges, *rest[:-1], (THRESHOLDS, ["warn_percent", "alarm_percent"], False), rest[-1]]


class SharedNetworkForm(DeclaredForm[SharedNetwork]):
    """Subnets on one wire."""

    first = ("name", "group", "interface")

    class Meta:
        model = SharedNetwork
        fields = ("name", "group", "interface", "warn_percent", "alarm_percent", *SETTINGS)
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "name": gettext_lazy("Subnets that share one wire stand in it: clients may get an address of any.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit_homes(self, "group")

    def parts(self) -> list[Section]:
        """With when somebody is told."""
        parts = super().parts()
        return [*parts[:-1], (THRESHOLDS, ["warn_percent", "alarm_percent"], False), parts[-1]]


class PoolForm(WithRanges):
    """Addresses that the same clients may have."""

    first = ("name", "ranges", "permits", "failover")
    permits = RowsField(
        {"verb": gettext_lazy("Verb"), "who": gettext_lazy("Who")},
        choices={"verb": [("", "–"), *VERBS]},
        lists={"who": "permit-names"},
        label=gettext_lazy("Who may have them"),
        help_text=gettext_lazy(
            'As dhcpd says it: members of "phones", unknown-clients, known-clients. None: everybody.'
        ),
    )
    failover = forms.ChoiceField(label=gettext_lazy("Failover pair"), required=False)

    class Meta:
        model = Pool
        fields = ("name", "permits", "failover", *SETTINGS)
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"name": gettext_lazy("What people call it.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        self.put_ranges(row if row.pk else None)
        self.initial["permits"] = [(verb, who) for verb, who in row.permits]
        names = list(self.server.peers.values_list("name", flat=True))
        names += [row.failover] if row.failover and row.failover not in names else []
        failover: Any = self.fields["failover"]
        failover.choices = [("", gettext_lazy("None")), *((name, name) for name in names)]
        if not names:
            del self.fields["failover"]

    def clean_permits(self) -> list[list[str]]:
        """Each with a verb."""
        found = []
        for at, (verb, who) in enumerate(self.cleaned_data["permits"]):
            if verb not in dict(VERBS) or not who:
                self.refuse_row("permits", at, _("Choose allow, deny or ignore, and say who."))
                continue
            found.append([verb, who.rstrip("; ")])
        return found

    def clean_ranges(self) -> Any:
        """A pool without addresses gives none."""
        rows = self.cleaned_data.get("ranges")
        if not rows:
            raise ValidationError(_("Give the pool at least one range of addresses."))
        return rows


class GroupForm(DeclaredForm[Group]):
    """Declarations that share settings."""

    first = ("name", "parent")

    class Meta:
        model = Group
        fields = ("name", "parent", *SETTINGS)
        labels = {"parent": gettext_lazy("Stands in")}
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit_homes(self, "parent")


def limit_homes(form: Any, *names: str) -> None:
    """Only rows of the same server can be chosen; a row cannot stand in itself. A list of none is left out."""
    for name in names:
        field = form.fields[name]
        rows = field.queryset.filter(server=form.server)
        if name == "parent" and form.instance.pk:
            rows = rows.exclude(pk__in=_below(form.instance))
        field.queryset = rows
        if not rows.exists():
            del form.fields[name]


def _below(group: Group) -> set[int]:
    """The group itself and all that stand in it."""
    homes = dict(Group.objects.filter(server=group.server_id).values_list("pk", "parent_id"))
    found = {group.pk}
    while more := {pk for pk, parent in homes.items() if parent in found} - found:
        found |= more
    return found
