"""The statement of a lease file that tells how a failover pair stands in, the fact out.

Source: server/db.c (write_failover_state) of ISC DHCP 4.4: `failover peer "fo" state { my state S at DATE; partner
state S at DATE; mclt N; }`; the manual page's "peer state" is read as well.
"""

from __future__ import annotations

import re

from dhcp.facts.lease import PeerState
from dhcp.facts.quoted import unescaped
from dhcp.parse.lease_words import date_of, statements, text

_PEER = re.compile(
    rb"failover\s+peer\s+(?:\"((?:[^\"\\]|\\.)*)\"|([^\s\"{]+))\s+state\s*\{(.*)\}\s*;?", re.I | re.DOTALL
)


def peer_state(statement: bytes) -> PeerState | None:
    """None for any other statement."""
    found = _PEER.match(statement)
    if found is None:
        return None
    said = {}
    for words in statements(found[3]):
        lower = [word.lower().decode("ascii", "replace") for word in words]
        if len(words) > 2 and lower[1] == "state":
            said[lower[0]] = lower[2], date_of(words[4:])[0]
    own, partner = said.get("my", ("", None)), said.get("partner", said.get("peer", ("", None)))
    return PeerState(text(unescaped(found[1] or found[2] or b"")), *own, *partner)
