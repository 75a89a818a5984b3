"""A server as its host has it and as it shall be in; what the difference means, one line each, out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from dhcp.facts.lease import Lease
from dhcp.facts.plain import without_origin
from dhcp.facts.server import INFINITE, LeaseTimes, Reservation, Server, Settings
from dhcp.facts.walk import Declaration, reservations, subnets, walk
from dhcp.rules.addresses import network_of, ranges_of
from dhcp.rules.shrinking import SHOWN
from hosts.facts.proposal import Meaning
from hosts.facts.words import Words, gettext_noop, words

Span = tuple[int, int, int]
MOST_LINES = 8
"""Lines of one kind; the rest is counted."""
_Row = TypeVar("_Row")
_ALL = gettext_noop("all networks")


def without(spans: Iterable[Span], others: Sequence[Span]) -> list[Span]:
    """Parts of `spans` that are in none of `others`; each is (version, first, last), `others` sorted and apart."""
    found = []
    for version, first, last in spans:
        low = first
        for other_version, other_first, other_last in others:
            if other_version != version or other_last < low or other_first > last:
                continue
            if other_first > low:
                found.append((version, low, other_first - 1))
            low = other_last + 1
        if low <= last:
            found.append((version, low, last))
    return found


def meaning(before: Server | None, after: Server, lost: Sequence[Lease] = ()) -> list[Meaning]:
    """`lost` are the live leases whose addresses no range holds afterwards."""
    old = before or Server(version=after.version)
    lines = [
        *_networks(old, after),
        *_reservations(old, after),
        *_times(old, after),
        *_options(old, after),
        *_others(old, after),
    ]
    if before is not None and not lines:
        same = without_origin(before) == without_origin(after)
        said = (
            gettext_noop("The server is told the same as before; only comments and the order change.")
            if same
            else gettext_noop("Networks, reservations, times and options stay as they are.")
        )
        lines.append(Meaning("same", words(said)))
    return [*lines, _leases(lost), *_raw(after)]


def _networks(old: Server, new: Server) -> Iterator[Meaning]:
    was, now = {each.network for each in subnets(old)}, {each.network for each in subnets(new)}
    gone, come = _by_network(old, new), _by_network(new, old)
    for network in _few(sorted(now - was)):
        said = gettext_noop("Adds the subnet %(network)s with %(count)s addresses to lease.")
        yield Meaning("add", words(said, network=network, count=_count(come.get(network, ()))))
    yield from _more(len(now - was) - MOST_LINES, gettext_noop("Adds %(count)s more subnets."), "add")
    for network in _few(sorted(was - now)):
        yield Meaning("take", words(gettext_noop("Takes the subnet %(network)s away."), network=network))
    yield from _more(len(was - now) - MOST_LINES, gettext_noop("Takes %(count)s more subnets away."), "take")
    for network in _few(sorted(was & now & come.keys())):
        said = gettext_noop("Leases %(count)s more addresses in %(network)s.")
        yield Meaning("add", words(said, count=_count(come[network]), network=network))
    for network in _few(sorted(was & now & gone.keys())):
        said = gettext_noop("Leases %(count)s addresses fewer in %(network)s.")
        yield Meaning("take", words(said, count=_count(gone[network]), network=network))


def _by_network(one: Server, other: Server) -> dict[str, list[Span]]:
    """The addresses that only `one` leases, by the subnet of `one` that holds them."""
    found: dict[str, list[Span]] = {}
    names = _homes(one)
    for span in without(ranges_of(one).merged, ranges_of(other).merged):
        for version, first, last, network in names:
            low, high = max(first, span[1]), min(last, span[2])
            if version == span[0] and low <= high:
                found.setdefault(network, []).append((version, low, high))
    return found


def _homes(server: Server) -> list[tuple[int, int, int, str]]:
    found: list[tuple[int, int, int, str]] = []
    for each in subnets(server):
        if network := network_of(each.network):
            found.append((network.version, int(network[0]), int(network[-1]), each.network))
    return found


def _reservations(old: Server, new: Server) -> Iterator[Meaning]:
    was, now = ({each.name: each for each in reservations(server)} for server in (old, new))
    added, gone = sorted(now.keys() - was.keys()), sorted(was.keys() - now.keys())
    changed = sorted(name for name in now.keys() & was.keys() if _plain(now[name]) != _plain(was[name]))
    for name in _few(added):
        said = gettext_noop("Knows %(name)s from now on: %(addresses)s.")
        yield Meaning("add", words(said, name=name, addresses=_addresses(now[name])))
    yield from _more(len(added) - MOST_LINES, gettext_noop("Adds %(count)s more reservations."), "add")
    for name in _few(changed):
        said = gettext_noop("Changes the reservation %(name)s: %(addresses)s.")
        yield Meaning("add", words(said, name=name, addresses=_addresses(now[name])))
    yield from _more(len(changed) - MOST_LINES, gettext_noop("Changes %(count)s more reservations."), "add")
    for name in _few(gone):
        yield Meaning("take", words(gettext_noop("Takes the reservation %(name)s away."), name=name))
    yield from _more(len(gone) - MOST_LINES, gettext_noop("Takes %(count)s more reservations away."), "take")


def _plain(each: Reservation) -> object:
    return without_origin(each)


def _addresses(each: Reservation) -> str:
    """What people know it by."""
    return ", ".join((*each.addresses, *each.prefixes)) or each.mac or each.client_id or each.name


def _times(old: Server, new: Server) -> Iterator[Meaning]:
    was = {where: settings.times for where, settings in _levels(old)}
    for where, settings in _levels(new):
        then = was.get(where)
        if then is None or then == settings.times:
            continue
        said = gettext_noop("The lease time of %(where)s becomes %(now)s (it was %(then)s).")
        yield Meaning("add", words(said, where=_called(where), now=_time(settings.times), then=_time(then)))


def _options(old: Server, new: Server) -> Iterator[Meaning]:
    was = dict(_levels(old))
    for where, settings in _levels(new):
        then = was.get(where)
        if then is None:
            continue
        names = sorted({each.name for each in {*then.options} ^ {*settings.options}})
        if names:
            said = gettext_noop("Changes options of %(where)s: %(names)s.")
            yield Meaning("add", words(said, where=_called(where), names=", ".join(names)))


def _others(old: Server, new: Server) -> Iterator[Meaning]:
    pairs = (
        (gettext_noop("Changes the classes: %(names)s."), {*old.classes}, {*new.classes}),
        (gettext_noop("Changes the failover pairs: %(names)s."), {*old.failover}, {*new.failover}),
        (gettext_noop("Changes the DNS zones: %(names)s."), {*old.zones}, {*new.zones}),
        (gettext_noop("Changes the keys: %(names)s."), {*old.keys}, {*new.keys}),
    )
    for said, was, now in pairs:
        if names := sorted({each.name for each in {*map(without_origin, was)} ^ {*map(without_origin, now)}}):
            yield Meaning("add", words(said, names=", ".join(names)))
    if (then := without_origin(old.subclasses)) != (shall := without_origin(new.subclasses)):
        count = len({*then} ^ {*shall})
        yield Meaning("add", words(gettext_noop("Changes entries of classes (%(count)s)."), count=count))
    if old.interfaces != new.interfaces:
        said = gettext_noop("Listens on %(names)s.")
        names_of = words(said, names=", ".join(new.interfaces)) if new.interfaces else words(_EVERYWHERE)
        yield Meaning("heed", names_of)


_EVERYWHERE = gettext_noop("Listens on all interfaces that have a subnet.")


def _leases(lost: Sequence[Lease]) -> Meaning:
    if not lost:
        return Meaning("same", words(gettext_noop("No live lease loses its address.")))
    shown = ", ".join(f"{each.ip} ({each.hostname or each.mac or '?'})" for each in lost[:SHOWN])
    more = f", +{len(lost) - SHOWN}" if len(lost) > SHOWN else ""
    said = gettext_noop("Live leases that lose their addresses, %(count)s in all: %(leases)s.")
    return Meaning("heed", words(said, count=len(lost), leases=shown + more))


def _raw(server: Server) -> Iterator[Meaning]:
    count = sum(len(step.declaration.settings.raw) for step in walk(server))
    count += sum(len(each.settings.raw) for each in server.classes)
    count += sum(len(each.settings.raw) for each in server.subclasses)
    if count:
        said = gettext_noop("Text that the panel does not understand is sent as it is (places: %(count)s).")
        yield Meaning("info", words(said, count=count))


def _levels(server: Server) -> Iterator[tuple[str, Settings]]:
    """The server's own settings under "", those of networks and groups under their names."""
    for step in walk(server):
        each = step.declaration
        if isinstance(each, Server):
            yield "", each.settings
        elif not isinstance(each, Reservation) and (name := _name(each)):
            yield name, each.settings


def _name(each: Declaration) -> str:
    found = getattr(each, "network", None) or getattr(each, "name", None)
    if found:
        return str(found)
    ranges = getattr(each, "ranges", ())
    return f"{ranges[0].first} – {ranges[-1].last}" if ranges else ""


def _called(where: str) -> str | Words:
    return where or words(_ALL)


def _time(times: LeaseTimes) -> str | Words:
    """As default / longest / shortest, those that are said."""
    told = [_seconds(each) for each in (times.default, times.maximum, times.minimum)]
    while told and told[-1] == "–":
        told.pop()
    return " / ".join(told) or "–"


def _seconds(value: int | None) -> str:
    return "–" if value is None else "infinite" if value == INFINITE else f"{value} s"


def _count(spans: Iterable[Span]) -> int:
    return sum(last - first + 1 for _, first, last in spans)


def _few(rows: Sequence[_Row]) -> Sequence[_Row]:
    return rows[:MOST_LINES]


def _more(count: int, said: str, sign: str) -> Iterator[Meaning]:
    if count > 0:
        yield Meaning(sign, words(said, count=count))
