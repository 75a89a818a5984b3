"""A finding in; its mend written into the row it stands at, judged like any other edit."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from dhcp.facts.check import Check
from dhcp.models import Pool, Problem, Reservation, Server, Subnet
from dhcp.parse.kea_hooks import with_hook
from dhcp.services import editing
from dhcp.services.checks import NO_COMMANDS
from dhcp.services.editing import RangeSaid
from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words
from hosts.services.audit import Actor
from hosts.services.scope import require_visible

TIMES = {"default": "default_lease_seconds", "maximum": "max_lease_seconds", "minimum": "min_lease_seconds"}
_GONE = gettext_noop("What this finding is about has changed. Nothing was written; look at it again.")


def is_mendable(problem: Problem) -> bool:
    """Whether `mend` can write it: what is to be done on a host stays with people."""
    if not problem.mend_value:
        return False
    if problem.rule in ("dhcp.relay.no-subnet", NO_COMMANDS):
        return True
    kind, field = problem.place_kind, problem.place_field
    ranges = field == "ranges" and kind in ("subnet", "pool")
    return ranges or (kind == "reservation" and field == "addresses") or (field in TIMES and kind in _FINDERS)


@transaction.atomic
def mend(problem: Problem, *, by: Actor, confirmed: bool = False) -> list[Check]:
    """Write what the finding offers. BadInput where the row is not there any more, or has changed since."""
    require_visible(by, problem)
    server = problem.server
    if server is None:  # at a relay nothing can be written: what it lacks is a server
        raise BadInput(words(_GONE))
    if problem.rule == "dhcp.relay.no-subnet":
        row = Subnet(server=server, network=problem.mend_value)
        return editing.save_subnet(row, by=by, ranges=[], confirmed=confirmed)
    row_at: Any = _row(problem)
    if problem.rule == NO_COMMANDS:
        row_at.kea = with_hook(row_at.kea, problem.mend_value)
        return _save(row_at, by, confirmed=confirmed)
    if problem.place_field in TIMES:
        setattr(row_at, TIMES[problem.place_field], int(problem.mend_value))
        return _save(row_at, by, confirmed=confirmed)
    if isinstance(row_at, Reservation):
        old = [each.address for each in row_at.addresses.filter(is_prefix=False)]
        wanted = [problem.mend_value if each == problem.subject else each for each in old]
        if wanted == old:
            raise BadInput(words(_GONE))
        return editing.save_reservation(row_at, by=by, addresses=wanted, confirmed=confirmed)
    return _ranges(row_at, problem, by, confirmed=confirmed)


def _ranges(row: Any, problem: Problem, by: Actor, *, confirmed: bool) -> list[Check]:
    """The range that the finding names gets the ends that it offers."""
    pool = row.pools.filter(is_plain=True).first() if isinstance(row, Subnet) else row
    first, _blank, last = problem.mend_value.partition(" ")
    said, is_there = [], False
    for each in pool.ranges.all() if pool else ():
        is_it = f"{each.first} {each.last}" == problem.subject
        is_there = is_there or is_it
        ends = (first, last) if is_it else (each.first, each.last)
        said.append(RangeSaid(*ends, each.is_bootp, each.is_temporary, each.prefix_length))
    if not is_there:
        raise BadInput(words(_GONE))
    if isinstance(row, Subnet):
        return editing.save_subnet(row, by=by, ranges=said, confirmed=confirmed)
    return editing.save_pool(row, by=by, ranges=said, confirmed=confirmed)


def _save(row: Any, by: Actor, *, confirmed: bool) -> list[Check]:
    verbs: dict[type, Any] = {
        Server: editing.save_server,
        Subnet: editing.save_subnet,
        Pool: editing.save_pool,
        Reservation: editing.save_reservation,
    }
    found: list[Check] = verbs.get(type(row), editing.save_network)(row, by=by, confirmed=confirmed)
    return found


def _row(problem: Problem) -> Any:
    find = _FINDERS.get(problem.place_kind)
    found = find(problem.server, problem.place_name) if find else None
    if found is None:
        raise BadInput(words(_GONE))
    return found


_FINDERS: dict[str, Any] = {
    "server": lambda server, name: server,
    "subnet": lambda server, name: server.subnets.filter(network=name).first(),
    "shared-network": lambda server, name: server.shared_networks.filter(name=name).first(),
    "group": lambda server, name: server.groups.filter(name=name).first(),
    "pool": lambda server, name: server.pools.filter(ranges__first=name, is_plain=False).first(),
    "reservation": lambda server, name: server.reservations.filter(name=name).first(),
}


def place_of(problem: Problem) -> Any:
    """The row that the finding is about, for a link; None where it is none of this server's, or has no page."""
    find = _FINDERS.get(problem.place_kind)
    return find(problem.server, problem.place_name) if find and problem.place_name else None
