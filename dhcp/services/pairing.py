"""One half of a failover pair in; both written at once, each at its own server, or neither."""

from __future__ import annotations

from django.db import transaction

from dhcp.facts.check import Check
from dhcp.models import Peer
from dhcp.services import editing
from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words
from hosts.services.audit import Actor

_PRIMARY_ONLY = ("mclt_seconds", "split")
_SAME = ("name", "max_response_delay_seconds", "max_unacked_updates", "load_balance_max_seconds")


@transaction.atomic
def save_pair(half: Peer, *, by: Actor, confirmed: bool = False) -> list[Check]:
    """`half` names its partner. What only the primary says moves to whichever half that is."""
    partner = half.partner
    if partner is None:
        raise BadInput(words(gettext_noop("Choose the partner whose half is to be written.")), field="partner")
    if partner.peers.filter(name=half.name).exists():
        said = gettext_noop("%(partner)s has a half of that name already. Nothing was saved.")
        raise BadInput(words(said, partner=str(partner)), field="name")
    other = Peer(
        server=partner,
        partner=half.server,
        is_primary=not half.is_primary,
        address=half.peer_address,
        peer_address=half.address,
        port=half.peer_port,
        peer_port=half.port,
        others=list(half.others),
        **{name: getattr(half, name) for name in _SAME},
    )
    primary, secondary = (half, other) if half.is_primary else (other, half)
    for name in _PRIMARY_ONLY:
        if getattr(secondary, name) is not None:
            setattr(primary, name, getattr(secondary, name))
            setattr(secondary, name, None)
    found = editing.save_network(half, by=by, confirmed=confirmed)
    return [*found, *editing.save_network(other, by=by, confirmed=confirmed)]
