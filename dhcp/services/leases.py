"""What a lease file says since it was last read in; leases as rows, with who held them, out.

All of one reading is written in one transaction with the new mark: it is kept whole or not at all, and of two workers
that read the same the second finds another mark and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction

from dhcp.facts.address_key import address_key
from dhcp.facts.lease import Damage, LeaseMark, LeaseNews, PeerState
from dhcp.facts.lease import Lease as Said
from dhcp.models import Lease, Peer, Server
from dhcp.models.lease import TOLD
from dhcp.services import holdings
from dhcp.services.in_bulk import insert
from hosts.facts.words import Words, gettext_noop, words

MOST_DAMAGE = 100
_PAGE = 1000
_LONGEST_ADDRESS = 43
NO_ADDRESS = gettext_noop("“%(address)s” is no address. Its lease was left out.")


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many leases were new, how many were said differently, how many are gone."""

    new: int = 0
    changed: int = 0
    gone: int = 0


@transaction.atomic
def record_news(
    server_id: int, news: LeaseNews, *, since: LeaseMark | None, now: datetime, named: Collection[str] | None = None
) -> Recorded | None:
    """Write the news that were read from the mark `since` on; None where another worker was faster, or the server is
    gone: then nothing was written, and who asks begins again at the server's mark.

    Of a file that was read from its beginning in several parts, `named` are the addresses of all parts, given with the
    last one: leases of others are gone. News that are `whole` say so by themselves.
    """
    server = Server.objects.select_for_update().filter(pk=server_id).first()
    if server is None or server.mark != since:
        return None
    said = {each.ip: each for each in news.leases}
    bad = [each for each in said if len(each) > _LONGEST_ADDRESS or not address_key(each)]
    for address in bad:
        del said[address]
    found = Recorded()
    for page in _pages(said.values()):
        found = _added(found, _write_page(server_id, page, now))
    if news.whole or named is not None:
        found = replace(found, gone=_forget(server_id, said.keys() if named is None else named, now))
    _write_peers(server_id, news.peers)
    server.lease_mark = asdict(news.mark)
    server.leases_read_at, server.leases_why = now, ""
    server.leases_damage = _damage(server, news, since, bad)
    server.save(update_fields=["lease_mark", "leases_read_at", "leases_why", "leases_damage"])
    return found


def note_unread(server_id: int, why: Words) -> None:
    """Say why the leases could not be read; what was read before stays."""
    Server.objects.filter(pk=server_id).update(leases_why=why)


def _write_page(server_id: int, page: list[Said], now: datetime) -> Recorded:
    told = {each.ip: Lease.told(each) for each in page}
    known = Lease.objects.filter(server_id=server_id, address__in=list(told)).values_list("address", *TOLD)
    before = {address: columns for address, *columns in known}
    different = {ip: columns for ip, columns in told.items() if before.get(ip) != [*columns]}
    if not different:
        return Recorded()
    rows = ((server_id, ip, *columns) for ip, columns in different.items())
    insert(Lease, ("server", "address", *TOLD), rows, once=("server", "address"))
    holdings.follow(server_id, {ip: _kept(ip, columns) for ip, columns in different.items()}, now=now)
    new = sum(ip not in before for ip in different)
    return Recorded(new, len(different) - new)


def _kept(address: str, columns: tuple[Any, ...]) -> Said:
    """The lease as its row has it: what is no text is shown as such, and what is too long is cut."""
    told = dict(zip(TOLD, columns, strict=True))
    return Said(
        address,
        starts_at=told["starts_at"],
        ends_at=told["ends_at"],
        state=told["state"] or None,
        mac=told["mac"] or None,
        uid=told["client_id"] or None,
        hostname=told["hostname"] or None,
        last_contact_at=told["last_contact_at"],
    )


def _forget(server_id: int, named: Collection[str], now: datetime) -> int:
    """Delete the leases of all other addresses, and end their holdings."""
    mine = Lease.objects.filter(server_id=server_id)
    stay = named if isinstance(named, set | frozenset | dict) else set(named)
    gone = [
        address for address in mine.values_list("address", flat=True).iterator(chunk_size=5000) if address not in stay
    ]
    for page in _pages(gone):
        mine.filter(address__in=page).delete()
        holdings.follow(server_id, dict.fromkeys(page), now=now)
    return len(gone)


def _write_peers(server_id: int, peers: Iterable[PeerState]) -> None:
    for each in peers:
        if "\0" in each.name + each.state + each.partner_state:  # PostgreSQL can neither keep nor look for it
            continue
        state, partner = each.state[:40], each.partner_state[:40]
        mine = Peer.objects.filter(server_id=server_id, name=each.name)
        mine.exclude(state=state, partner_state=partner, state_at=each.since).update(
            state=state, partner_state=partner, state_at=each.since
        )


def _damage(server: Server, news: LeaseNews, since: LeaseMark | None, bad: list[str]) -> list[dict[str, Any]]:
    """What could not be read, as JSON: that of before stays until the file is read anew, except what lay behind the
    mark, which was a record that the server was still writing.
    """
    goes_on = since is not None and not news.whole and since.inode == news.mark.inode
    kept = [each for each in server.leases_damage if goes_on and since is not None and each["offset"] < since.offset]
    more = [Damage(0, 0, words(NO_ADDRESS, address=address[:60])) for address in bad]
    new = [{"offset": e.offset, "length": e.length, "words": e.words.as_json()} for e in (*news.damage, *more)]
    return [*kept, *new][:MOST_DAMAGE]


def _pages(found: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(found)
    while page := list(islice(rest, _PAGE)):
        yield page


def _added(one: Recorded, other: Recorded) -> Recorded:
    return Recorded(one.new + other.new, one.changed + other.changed, one.gone + other.gone)
