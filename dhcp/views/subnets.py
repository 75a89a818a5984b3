"""One network: its addresses as a map, its pools, what it tells its clients, and how full it was and will be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dhcp.facts.address_key import address_key
from dhcp.facts.subnet_map import Block, Cell, SubnetMap
from dhcp.models import SharedNetwork, Subnet
from dhcp.rules.addresses import address_of, network_of
from dhcp.services.alarms import ticket_of
from dhcp.services.overview import network_lines
from dhcp.services.previews import relays_of
from dhcp.services.subnet_maps import cells
from dhcp.services.subnet_page import Said, address_page, levels_of, subnet_page, used_over_time
from dhcp.services.told import state_of_push
from dhcp.services.usage import forecast_of
from dhcp.views.declarations import crumbs_of
from dhcp.views.shell import page
from dhcp.views.usage_chart import usage_chart
from hosts.models import User
from hosts.services.cards import cards_with
from hosts.views.shell import Crumb, fragment, person, staff

ACROSS = 16


@dataclass(frozen=True, slots=True)
class Square:
    """One address of the map, None beside its ends. `is_gateway` goes before what else it is; `machine` is the
    card of a host that has its MAC.
    """

    cell: Cell | None
    is_gateway: bool = False
    machine: str = ""

    @property
    def kind(self) -> str:
        """The css class."""
        return "gateway" if self.is_gateway else self.cell.kind if self.cell else "none"


@dataclass(frozen=True, slots=True)
class Line:
    """Sixteen addresses beside each other."""

    label: str
    squares: list[Square]


@require_safe
@staff("dhcp.view_subnet")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; of a large network `block` is the part that is open."""
    subnet = _subnet(request, pk)
    now = timezone.now()
    whole = cells(subnet, now=now)
    block = _block(whole, request.GET.get("block", ""))
    drawn = cells(subnet, now=now, within=(address_key(block.first), address_key(block.last))) if block else whole
    ahead = forecast_of(subnet, now=now)
    found = subnet_page(subnet, whole, ahead, now=now)
    gateways = _gateways(found.options)
    context: dict[str, Any] = {
        "subnet": subnet,
        "server": subnet.server,
        "push": state_of_push(subnet.server),
        "found": found,
        "counts": found.fullness.counts,
        "lines": list(_lines(drawn, gateways, _machines(drawn, person(request)))) if drawn.cells else [],
        "blocks": whole.blocks if whole.blocks and subnet.server.version == 4 else (),
        "opened": block,
        "relays": _relays(request, subnet),
        "ticket": ticket_of(subnet, person(request)),
        "chart": usage_chart(used_over_time(subnet, now=now), ahead, now),
        "version": subnet.server.version,
    }
    crumbs = crumbs_of(subnet)[:-1]
    return page(request, "dhcp/subnet.html", context, title=subnet.network, crumbs=crumbs)


@require_safe
@staff("dhcp.view_subnet")
def address(request: HttpRequest, pk: int) -> HttpResponse:
    """The panel beside the map: one address, who has it and who had it."""
    subnet = _subnet(request, pk)
    written = request.GET.get("address", "")
    key = address_key(written)
    if not key or not subnet.first_key <= key <= subnet.last_key:
        raise Http404(_("This address is not in the subnet."))
    settings = [option for level in levels_of(subnet) for option in level.options if option["name"] == "routers"]
    routers = settings[-1]["values"] if settings else ()
    found = address_page(subnet, str(ip_address(written)), key)
    is_active = found.lease is not None and found.lease.state in ("active", "")
    mac = found.lease.mac if found.lease else next((each.mac for each in found.reserved if each.mac), "")
    context = {
        "subnet": subnet,
        "found": found,
        "is_router": found.address in routers,
        "is_active": is_active,
        "card": cards_with([mac], person(request)).get(mac),
    }
    return fragment(request, "dhcp/_address.html", context)


@require_safe
@staff("dhcp.view_sharednetwork")
def shared(request: HttpRequest, pk: int) -> HttpResponse:
    """Subnets on one wire: how full they are together, and each."""
    rows = SharedNetwork.objects.visible_to(person(request)).select_related("server__host__organization", "group")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404(_("There is no shared network with this number, or it belongs to another organization."))
    now = timezone.now()
    line = next((each for each in network_lines(row.server) if each.row == row), None)
    ahead = forecast_of(row, now=now)
    context = {
        "row": row,
        "server": row.server,
        "push": state_of_push(row.server),
        "line": line,
        "ticket": ticket_of(row, person(request)),
        "pools": list(row.pools.prefetch_related("ranges")),
        "chart": usage_chart(used_over_time(row, now=now), ahead, now),
        "ahead": ahead,
    }
    return page(
        request,
        "dhcp/shared_network.html",
        context,
        title=row.name,
        crumbs=(Crumb(row.server, row.server.get_absolute_url()),),
    )


def _subnet(request: HttpRequest, pk: int) -> Subnet:
    rows = Subnet.objects.visible_to(person(request)).select_related(
        "server__host__organization", "shared_network__group", "shared_network__server", "group__parent"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no subnet with this number, or it belongs to another organization."))
    return found


def _block(drawn: SubnetMap, first: str) -> Block | None:
    """The one that is asked for, or the fullest: a large network opens where something is."""
    if not drawn.blocks:
        return None
    asked = next((each for each in drawn.blocks if each.first == first), None)
    return asked or max(drawn.blocks, key=lambda each: (each.leased, each.in_pools, each.reserved))


def _gateways(options: list[Said]) -> set[str]:
    routers = next((each.value for each in options if each.name == "routers"), "")
    return {word.strip() for word in routers.split(",")}


def _machines(drawn: SubnetMap, user: User) -> dict[str, str]:
    """The hosts' cards that have the MACs of a map: a few queries, whatever its size."""
    found = cards_with((cell.mac for cell in drawn.cells), user)
    return {mac: str(card) for mac, card in found.items()}


def _lines(drawn: SubnetMap, gateways: set[str], machines: dict[str, str]) -> Iterator[Line]:
    """Rows of sixteen that begin at a multiple of sixteen, as the last part of an address shows."""
    start = int(ip_address(drawn.cells[0].address)) % ACROSS
    squares = [Square(None)] * start
    squares += [Square(each, each.address in gateways, machines.get(each.mac, "")) for each in drawn.cells]
    for at in range(0, len(squares), ACROSS):
        row = squares[at : at + ACROSS]
        first = next((each.cell.address for each in row if each.cell), "")
        yield Line(_label(first, is_long=len(drawn.cells) > 256), [*row, *[Square(None)] * (ACROSS - len(row))])


def _label(address_text: str, *, is_long: bool) -> str:
    if ":" in address_text:
        return f":{int(ip_address(address_text)) & 0xFFF0:x}"
    parts = address_text.split(".")
    last = str(int(parts[-1]) // ACROSS * ACROSS)
    return f".{parts[-2]}.{last}" if is_long else f".{last}"


def _relays(request: HttpRequest, subnet: Subnet) -> list[Any]:
    """Those that have a leg in the subnet and pass on to its server."""
    network = network_of(subnet.network)
    found = relays_of(subnet.server, person(request)) if request.user.has_perm("dhcp.view_relay") else []
    return [
        relay
        for relay in found
        if any((leg := address_of(each)) and network and leg in network for each in relay.giaddr)
    ]
