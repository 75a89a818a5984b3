"""Messages of a server's log in, one conversation for each attempt of a client out, with the reason where it failed."""

from __future__ import annotations

from collections.abc import Iterable

from dhcp.choices import Message, Outcome
from dhcp.facts.logs import Conversation, LogLine
from hosts.facts.words import Words, gettext_noop, words

BOUND = gettext_noop("The client has %(ip)s.")
NO_REQUEST = gettext_noop(
    "An offer was sent and the client never asked for it: either another server was faster, or the offer does not "
    "arrive. Behind a Xen vif check UDP checksum offload, behind a relay the route back to it."
)
SILENT = gettext_noop("The server said nothing to the client.")
UNFINISHED = gettext_noop("The log ends within the conversation.")
REFUSED = gettext_noop("The server refused: %(note)s.")
_NOTES = (
    ("no free leases", gettext_noop("The pools of this network have no free lease.")),
    ("peer holds all free leases", gettext_noop("The failover partner holds all free leases.")),
    ("load balance to peer", gettext_noop("The failover partner is to answer this client.")),
    ("unknown client", gettext_noop("The pools are for known clients only, and no reservation names this one.")),
    ("booting disallowed", gettext_noop("The configuration denies booting to this client.")),
    ("wrong network", gettext_noop("The client asks for an address of another network than the one it is in.")),
    ("unknown subnet", gettext_noop("No subnet is declared for the network that the client is in.")),
    ("not authoritative", gettext_noop("The server is not authoritative for the network and so does not answer.")),
    ("unavailable", gettext_noop("The address that the client asks for belongs to somebody else now.")),
    ("unknown lease", gettext_noop("The server knows no lease of the address that the client asks for.")),
    ("owned by peer", gettext_noop("The lease belongs to the failover partner.")),
    ("transition state", gettext_noop("The failover pair is between two states and does not answer.")),
)
_FOLLOWS = {
    Message.DISCOVER: (Message.DISCOVER,),
    Message.REQUEST: (Message.DISCOVER, Message.OFFER, Message.REQUEST),
    Message.OFFER: (Message.DISCOVER, Message.OFFER),
    Message.ACK: (Message.REQUEST,),
    Message.NAK: (Message.REQUEST,),
}


def conversations(lines: Iterable[LogLine]) -> list[Conversation]:
    """In the order of their first messages. A client that repeats its DISCOVER is still in the same conversation."""
    done: list[list[LogLine]] = []
    current: dict[str, list[LogLine]] = {}
    last = 0
    for line in lines:
        last = line.number
        if line.mac is None or line.message not in _FOLLOWS:
            continue
        talk = current.get(line.mac)
        if talk is None or talk[-1].message not in _FOLLOWS[line.message]:
            talk = current[line.mac] = []
            done.append(talk)
        talk.append(line)
    return [_conversation(talk, open_end=talk[-1].number == last) for talk in done]


def _conversation(talk: list[LogLine], *, open_end: bool) -> Conversation:
    outcome, reason = _end(talk, open_end=open_end)
    return Conversation(
        mac=talk[0].mac or "",
        lines=tuple(talk),
        outcome=outcome,
        reason=reason,
        via=next((line.via for line in talk if line.via), None),
        ip=next((line.ip for line in reversed(talk) if line.ip), None),
    )


def _end(talk: list[LogLine], *, open_end: bool) -> tuple[Outcome, Words]:
    last = talk[-1]
    if last.message is Message.ACK:
        return Outcome.BOUND, words(BOUND, ip=last.ip or "")
    note = next((line.note for line in reversed(talk) if line.note), "")
    if known := next((msgid for part, msgid in _NOTES if part in note.lower()), None):
        return Outcome.REFUSED, words(known)
    if last.message is Message.NAK or note:
        return Outcome.REFUSED, words(REFUSED, note=note or last.message.value)
    if open_end:
        return Outcome.UNFINISHED, words(UNFINISHED)
    if last.message is Message.OFFER:
        return Outcome.NO_REQUEST, words(NO_REQUEST)
    return Outcome.UNANSWERED, words(SILENT)
