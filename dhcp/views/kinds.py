"""The kinds of rows that a server's declarations are made of: their forms, their verbs, and what people call them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from dhcp.facts.check import Check
from dhcp.forms.declared import RowForm
from dhcp.forms.networks import GroupForm, PoolForm, SharedNetworkForm, SubnetForm
from dhcp.forms.others import ClassForm, DefinitionForm, KeyForm, PeerForm, SpaceForm, SubclassForm, ZoneForm
from dhcp.models import (
    ClientClass,
    Definition,
    Group,
    Key,
    Peer,
    Pool,
    SharedNetwork,
    Space,
    Subclass,
    Subnet,
    Zone,
)
from dhcp.services import editing
from dhcp.services.pairing import save_pair
from hosts.services.audit import Actor


def _save_ranged(verb: Callable[..., list[Check]]) -> Callable[..., list[Check]]:
    def save(form: Any, by: Actor, *, confirmed: bool) -> list[Check]:
        return verb(form.instance, by=by, ranges=form.ranges(), confirmed=confirmed)

    return save


def _save_network(form: Any, by: Actor, *, confirmed: bool) -> list[Check]:
    return editing.save_network(form.instance, by=by, confirmed=confirmed)


def _save_key(form: Any, by: Actor, *, confirmed: bool) -> list[Check]:
    return editing.save_key(form.instance, by=by, secret=form.cleaned_data["secret"], confirmed=confirmed)


def _save_peer(form: Any, by: Actor, *, confirmed: bool) -> list[Check]:
    if form.cleaned_data.get("writes_both"):
        return save_pair(form.instance, by=by, confirmed=confirmed)
    return editing.save_network(form.instance, by=by, confirmed=confirmed)


@dataclass(frozen=True, slots=True)
class Kind:
    """`slug` is its part of the address, `related` how a server calls its rows. `of` says in what it may stand."""

    slug: str
    model: type[Any]
    form: type[RowForm[Any]]
    add: Any
    many: Any
    help: Any
    save: Callable[..., list[Check]] = _save_network
    of: tuple[str, ...] = ()

    def permission(self, verb: str) -> str:
        """Django's, such as dhcp.add_subnet."""
        return f"dhcp.{verb}_{self.model._meta.model_name}"

    @property
    def rows(self) -> Any:
        """All of them; the page narrows them to what somebody sees."""
        return self.model.objects


KINDS = {
    kind.slug: kind
    for kind in (
        Kind(
            "subnets",
            Subnet,
            SubnetForm,
            _("Add a subnet"),
            _("Subnets"),
            _("A network of clients: its addresses, its router, its name servers."),
            _save_ranged(editing.save_subnet),
            ("shared_network", "group"),
        ),
        Kind(
            "shared-networks",
            SharedNetwork,
            SharedNetworkForm,
            _("Add a shared network"),
            _("Shared networks"),
            _("Subnets on one wire: a client may get an address of any of them."),
            of=("group",),
        ),
        Kind(
            "pools",
            Pool,
            PoolForm,
            _("Add a pool"),
            _("Pools"),
            _("Addresses with rules of their own: who may have them, for how long."),
            _save_ranged(editing.save_pool),
            ("subnet", "shared_network"),
        ),
        Kind(
            "groups",
            Group,
            GroupForm,
            _("Add a group"),
            _("Groups"),
            _("Subnets and reservations that share settings."),
            of=("parent", "subnet", "shared_network"),
        ),
        Kind(
            "classes",
            ClientClass,
            ClassForm,
            _("Add a class"),
            _("Classes"),
            _("Clients that are told apart by what they say, such as phones. Pools allow or deny them."),
        ),
        Kind(
            "subclasses",
            Subclass,
            SubclassForm,
            _("Add a subclass"),
            _("Subclasses"),
            _("Clients of a class that are named one by one."),
            of=("of",),
        ),
        Kind(
            "definitions",
            Definition,
            DefinitionForm,
            _("Define an option"),
            _("Option definitions"),
            _("Options that the standard does not have: a name, a code and a type."),
        ),
        Kind("spaces", Space, SpaceForm, _("Add an option space"), _("Option spaces"), _("A vendor's own options.")),
        Kind(
            "zones",
            Zone,
            ZoneForm,
            _("Add a DDNS zone"),
            _("DDNS zones"),
            _("A DNS zone that the server updates when it leases an address."),
        ),
        Kind(
            "keys",
            Key,
            KeyForm,
            _("Add a key"),
            _("Keys"),
            _("TSIG keys for DDNS, OMAPI and failover. Their secrets go into a file of their own."),
            _save_key,
        ),
        Kind(
            "peers",
            Peer,
            PeerForm,
            _("Pair with another server"),
            _("Failover"),
            _("Two servers that lease from one pool. Each says its half; pools name the pair."),
            _save_peer,
        ),
    )
}
