"""Who held an address until now and the server's new word on it in; what happens to the holding out."""

from __future__ import annotations

from datetime import datetime

from dhcp.choices import LeaseState
from dhcp.facts.holding import Held, Turn
from dhcp.facts.lease import Lease

NOTHING = Turn()


def turn(held: Held | None, lease: Lease | None, *, now: datetime) -> Turn:
    """`held` is the holding that is open, None where there is none; `lease` is None where the server forgot it.

    A client that renews in time goes on; one that came back after its time had run out begins anew, since another
    could have had the address between.
    """
    new = holder_of(lease, now=now) if lease is not None else None
    if held is None:
        return NOTHING if new is None else Turn(begins=new)
    if new is None:
        return Turn(ended_at=_end(held, lease, now))
    if new.holder == held.holder and not _lapsed(held, new):
        until_at = _not_before(held.began_at, new.until_at)
        went_on = Held(held.mac, held.client_id, new.hostname or held.hostname, held.began_at, until_at)
        return NOTHING if went_on == held else Turn(goes_on=went_on)
    ended_at = max(held.began_at, min(held.until_at or new.began_at, new.began_at))
    began_at = max(ended_at, new.began_at)
    return Turn(ended_at, Held(new.mac, new.client_id, new.hostname, began_at, _not_before(began_at, new.until_at)))


def holder_of(lease: Lease, *, now: datetime) -> Held | None:
    """Who holds the address by this lease; None where nobody does, or nobody that one could name."""
    if lease.state not in (LeaseState.ACTIVE, None) or not (lease.mac or lease.client_id):
        return None
    began_at = lease.starts_at or lease.last_contact_at or now
    until_at = lease.ends_at if lease.ends_at is None else max(lease.ends_at, began_at)
    return Held(lease.mac or "", lease.client_id or "", lease.hostname or "", began_at, until_at)


def _not_before(began_at: datetime, until_at: datetime | None) -> datetime | None:
    """A promise that ends before it begins comes of a clock that was set; None is a lease without an end."""
    return until_at if until_at is None else max(began_at, until_at)


def _lapsed(held: Held, new: Held) -> bool:
    return held.until_at is not None and new.began_at > held.until_at


def _end(held: Held, lease: Lease | None, now: datetime) -> datetime:
    """When it ended: as the server says (a client that gives its address back ends it early), never after now.

    A lease without a length says nothing of its end: Kea writes one when it deletes a lease.
    """
    said = lease.ends_at if lease is not None else None
    if lease is not None and said is not None and lease.starts_at is not None and said <= lease.starts_at:
        said = None
    return max(held.began_at, min(said or held.until_at or now, now))
