"""What people keep of a server: one verb for each kind of row. Each refuses what must not be sent to a host."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from dhcp.choices import ServerKind
from dhcp.facts.check import Check
from dhcp.models import (
    ClientClass,
    Definition,
    Group,
    Key,
    Peer,
    Pool,
    Relay,
    Reservation,
    ReservedAddress,
    Server,
    SharedNetwork,
    Space,
    Subclass,
    Subnet,
    Zone,
)
from dhcp.services.checks import look_for_strangers, look_over, look_over_relay
from dhcp.services.editing.judging import edited
from dhcp.services.editing.ranges import RangeSaid, put_plain_ranges, put_ranges, usual_network
from dhcp.services.editing.typed import (
    base64_of,
    host_address,
    mac_of,
    one_word,
    prefix_of,
    require_few,
    require_interfaces,
    require_plain,
    with_length,
)
from dhcp.services.holding import hold
from hosts.errors import BadInput, WrongState
from hosts.facts.words import gettext_noop, words
from hosts.models import Organization
from hosts.models.sealed import Sealed
from hosts.services.audit import Actor, differences, note, snapshot
from hosts.services.scope import require_visible

Network = SharedNetwork | Group | ClientClass | Subclass | Definition | Space | Zone | Peer
OMAPI_PORT = "7911"
MOST_ADDRESSES = 256
"""Of one machine."""
MOST_WORDS = 100
"""Of each list of a relay."""
ALGORITHMS = ("hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512")
"""Of TSIG; `dhcpd -t` lets others pass, and the key is then none."""
GONE = gettext_noop("%(row)s is not there any more: somebody deleted it meanwhile. Nothing was saved.")
_SOCKET = '{"socket-type": "unix", "socket-name": "/run/kea/kea%s-ctrl-socket"}'
_COMPUTED = {"first_key", "last_key", "position"}


@transaction.atomic
def save_server(row: Server, *, by: Actor, confirmed: bool = False) -> list[Check]:
    """A server, and what it says of all its networks. A new one may have no subnet yet."""
    old = hold(row.pk) if row.pk else None
    require_visible(by, row.host, old, row.probe_host)
    require_plain({"config_path": row.config_path, "lease_path": row.lease_path, "unit": row.unit})
    if row.kind == ServerKind.ISC:  # Kea's may have an address behind them, or be a star
        require_interfaces(row.interfaces, "interfaces")
    require_interfaces([row.probe_interface] if row.probe_interface else [], "probe_interface")
    if old is not None:
        return _kept(row, row.pk, by=by, organization=row.host.organization, confirmed=confirmed)
    row.edited_at = timezone.now()
    if row.kind == ServerKind.KEA and not row.kea:
        row.kea = [["control-socket", _SOCKET % row.version]]
    row.full_clean()
    row.save()
    note(by, "create", row, organization=row.host.organization)
    look_for_strangers()
    return look_over(row)


@transaction.atomic
def save_network(row: Network, *, by: Actor, confirmed: bool = False) -> list[Check]:
    """A shared network, group, class, subclass, definition, space, zone or half of a failover pair."""
    if isinstance(row, Peer) and row.partner is not None:
        old = Peer.objects.filter(pk=row.pk).values_list("partner_id", flat=True).first() if row.pk else None
        if row.partner_id != old:
            require_visible(by, row.partner)
    return _saved(row, by=by, confirmed=confirmed)


@transaction.atomic
def save_subnet(
    row: Subnet, *, by: Actor, ranges: Sequence[RangeSaid] | None = None, confirmed: bool = False
) -> list[Check]:
    """A subnet, with the ranges that stand in it; None leaves them, an empty list takes them away."""
    row.network = usual_network(row.network, row.server.version)

    def more() -> None:
        if ranges is not None:
            put_plain_ranges(row, ranges)

    return _saved(row, by=by, confirmed=confirmed, more=more)


@transaction.atomic
def save_pool(
    row: Pool, *, by: Actor, ranges: Sequence[RangeSaid] | None = None, confirmed: bool = False
) -> list[Check]:
    """A pool with rules of its own, in a subnet or a shared network."""

    def more() -> None:
        if ranges is not None:
            put_ranges(row, ranges, row.server.version)

    return _saved(row, by=by, confirmed=confirmed, more=more)


@transaction.atomic
def save_reservation(
    row: Reservation,
    *,
    by: Actor,
    addresses: Sequence[str] | None = None,
    prefixes: Sequence[str] | None = None,
    confirmed: bool = False,
) -> list[Check]:
    """A client with addresses or settings of its own. None leaves its addresses or prefixes as they are."""
    if row.hardware in ("", "ethernet"):
        row.mac, row.hardware = mac_of(row.mac), "ethernet"
    if not (row.mac or row.client_id or row.match):
        said = gettext_noop("Say how the machine is known: its MAC address, or its client id.")
        raise BadInput(words(said), field="mac")
    old = Reservation.objects.filter(pk=row.pk).values_list("organization_id", flat=True).first() if row.pk else None
    if row.organization is not None and row.organization_id != old:
        require_visible(by, row.organization)
    require_few(addresses or (), MOST_ADDRESSES, "addresses")
    require_few(prefixes or (), MOST_ADDRESSES, "prefixes")
    written = None if addresses is None else [host_address(each, row.server.version) for each in addresses]

    def more() -> None:
        if written is not None:
            _put_addresses(row, written, is_prefix=False)
        if prefixes is not None:
            _put_addresses(row, [prefix_of(each) for each in prefixes], is_prefix=True)

    return _saved(row, by=by, confirmed=confirmed, more=more)


@transaction.atomic
def save_key(row: Key, *, by: Actor, secret: str = "", confirmed: bool = False) -> list[Check]:
    """A key; an empty secret keeps the one there is. One that opens OMAPI is made known to dhcpd as such."""
    if secret:
        row.secret = Sealed.of(base64_of(secret))
    elif not row.pk:
        raise BadInput(words(gettext_noop("Give the key's secret, in base64.")), field="secret")
    if row.algorithm not in ALGORITHMS:
        said = gettext_noop("dhcpd knows no algorithm “%(name)s”. Choose one of %(names)s.")
        raise BadInput(words(said, name=row.algorithm[:60], names=", ".join(ALGORITHMS)), field="algorithm")
    is_new_secret = {"secret"} if secret else set()

    def more() -> None:
        if row.is_for_omapi:
            _open_omapi(row)

    return _saved(row, by=by, confirmed=confirmed, more=more, besides=is_new_secret)


@transaction.atomic
def save_relay(row: Relay, *, by: Actor) -> list[Check]:
    """A relay. What is wrong between it and its servers is told and kept as findings, and refuses nothing."""
    old = Relay.objects.get(pk=row.pk) if row.pk else None
    before = snapshot(old) if old else {}
    require_visible(by, row.host, old)
    for field in ("servers", "interfaces", "options", "giaddr", "uplinks"):
        require_few(getattr(row, field), MOST_WORDS, field)
    row.servers = [one_word(each, "servers") for each in row.servers if each.strip()]
    if not row.servers:
        raise BadInput(words(gettext_noop("Name at least one server that requests are passed on to.")), field="servers")
    row.interfaces = [one_word(each, "interfaces") for each in row.interfaces if each.strip()]
    require_interfaces(row.interfaces, "interfaces")
    for field in ("giaddr", "uplinks"):
        setattr(row, field, [with_length(each, field) for each in getattr(row, field) if each.strip()])
    row.revision, row.edited_at = (old.revision if old else 0) + 1, timezone.now()
    row.full_clean()
    row.save(update_fields=[*_own_columns(row), "revision", "edited_at"] if old else None)
    changed = differences(row, before) if old else {}
    note(by, "change" if old else "create", row, organization=row.host.organization, details=changed)
    return look_over_relay(row)


@transaction.atomic
def delete(row: Any, *, by: Actor, confirmed: bool = False) -> list[Check]:
    """Take a row out of the panel. What is on hosts stays until the next change is applied there."""
    require_visible(by, row)
    if isinstance(row, Server | Relay):
        note(by, "delete", row, organization=row.host.organization)
        row.delete()
        look_for_strangers()
        return []
    server: Server = row.server
    require_visible(by, server)
    note(by, "delete", row, organization=server.host.organization)
    gone = type(row).objects.filter(pk=row.pk)
    return edited(server.pk, row, gone.delete, confirmed=confirmed, deletes=True)


def _saved(
    row: Any,
    *,
    by: Actor,
    confirmed: bool,
    more: Callable[[], None] | None = None,
    besides: set[str] | None = None,
) -> list[Check]:
    """A row of a server's declarations."""
    server: Server = row.server
    require_visible(by, server)
    _require_one_server(row)
    return _kept(
        row, server.pk, by=by, organization=server.host.organization, confirmed=confirmed, more=more, besides=besides
    )


def _kept(
    row: Any,
    server_id: int,
    *,
    by: Actor,
    organization: Organization | None,
    confirmed: bool,
    more: Callable[[], None] | None = None,
    besides: set[str] | None = None,
) -> list[Check]:
    old = type(row).objects.filter(pk=row.pk).first() if row.pk else None
    before = snapshot(old) if old else {}

    def write() -> None:
        if old is None and hasattr(row, "position"):
            row.position = _next_position(server_id)
        if old is not None:
            _require_there(row)
        row.full_clean()
        row.save(update_fields=[*_own_columns(row), *(besides or ())] if old else None)
        if more:
            more()
        changed = differences(row, before) if old else {}
        note(by, "change" if old else "create", row, organization=organization, details=changed)

    try:
        return edited(server_id, row, write, confirmed=confirmed)
    except BadInput:
        if old is None:  # it was taken back: what people typed can be saved again as it stands
            row.pk = None
        raise


def _own_columns(row: models.Model) -> list[str]:
    """What people edit, and what is computed of it; columns that workers write are left alone."""
    fields = row._meta.concrete_fields
    return [each.name for each in fields if not each.primary_key and (each.editable or each.name in _COMPUTED)]


def _next_position(server_id: int) -> int:
    """Behind all that is there. Server.position counts them (the server itself stands nowhere)."""
    Server.objects.filter(pk=server_id).update(position=models.F("position") + 1)
    return int(Server.objects.values_list("position", flat=True).get(pk=server_id))


def _require_one_server(row: Any) -> None:
    """What a row stands in must be of its own server, and a row stays at its server."""
    if row.pk:
        _require_there(row)
    if row.pk and not type(row).objects.filter(pk=row.pk, server_id=row.server_id).exists():
        raise BadInput(words(gettext_noop("A row stays with its server. Make a new one at the other server.")))
    for name in ("shared_network", "group", "subnet", "parent"):
        home = getattr(row, name, None)
        if home is not None and home.server_id != row.server_id:
            said = gettext_noop("%(home)s belongs to another server.")
            raise BadInput(words(said, home=str(home)), field=name)


def _require_there(row: Any) -> None:
    """Somebody else may have deleted it while it was edited."""
    if not type(row).objects.filter(pk=row.pk).exists():
        raise WrongState(words(GONE, row=str(row)))


def _put_addresses(row: Reservation, wanted: Sequence[str], *, is_prefix: bool) -> None:
    row.addresses.filter(is_prefix=is_prefix).delete()
    for position, address in enumerate(wanted):
        ReservedAddress(reservation=row, address=address, is_prefix=is_prefix, position=position).save()


def _open_omapi(row: Key) -> None:
    """dhcpd opens OMAPI for that key alone."""
    server = Server.objects.get(pk=row.server_id)
    others = [each for each in server.parameters if each[0] not in ("omapi-key", "omapi-port")]
    port = next((each for each in server.parameters if each[0] == "omapi-port"), ["omapi-port", OMAPI_PORT])
    server.parameters = [*others, port, ["omapi-key", row.name]]
    server.save(update_fields=["parameters"])
