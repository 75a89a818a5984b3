"""Messages of a server's log, and of its relays', in; one conversation for each attempt of a client out.

Each tells how the attempt ended, why it failed, and the relay it came through.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import ip_address

from dhcp.choices import RELAYED as RELAYED_BY
from dhcp.choices import Message, Outcome
from dhcp.facts.duid import mac_of_duid
from dhcp.facts.logs import Conversation, LogLine
from hosts.facts.words import Words, gettext_noop, words

BOUND = gettext_noop("The client has %(ip)s.")
NO_REQUEST = gettext_noop(
    "An offer was sent and the client never asked for it: either another server was faster, or the offer does not "
    "arrive. Behind a Xen vif check UDP checksum offload, behind a relay the route back to it."
)
SILENT = gettext_noop("The server said nothing to the client.")
NOT_ARRIVED = gettext_noop(
    "A relay passed the request on to %(server)s, and nothing of it is in the server's log: it does not arrive there. "
    "Check the way to the server, and UDP checksum offload where one of the two is a guest behind a Xen vif."
)
NOT_BACK = gettext_noop(
    "The server sent an offer to the relay, and nothing of it is in the relay's log: check the server's route back to "
    "%(relay)s, and UDP checksum offload behind a Xen vif."
)
DECLINED = gettext_noop("The client gave %(ip)s back: it found another machine with that address.")
NO_BINDING = gettext_noop(
    "The server answered without an address: it has no lease of what the client asks for, and the client asks anew."
)
CONFIRMED = gettext_noop(
    "The client asked whether its addresses still fit the network it is in, and was answered; the log does not say how."
)
RELAYED = gettext_noop("Only a relay's log tells of this client: what the server said is in the server's log.")
PINGED = gettext_noop(
    "The address %(ip)s answered a ping just before it was offered, and the server gave it up. Somebody uses it "
    "without a lease; the client gets another address when it asks again."
)
UNFINISHED = gettext_noop("The log ends within the conversation.")
REFUSED = gettext_noop("The server refused: %(note)s.")
OTHER_SERVER = gettext_noop("The client asks another DHCP server, whose offer it took.")
LEFT_TO_PEER = gettext_noop("The failover partner is to answer this client.")
_NOTES = (
    ("no free leases", gettext_noop("The pools of this network have no free lease.")),
    ("peer holds all free leases", gettext_noop("The failover partner holds all free leases.")),
    ("unknown client", gettext_noop("The pools are for known clients only, and no reservation names this one.")),
    ("booting disallowed", gettext_noop("The configuration denies booting to this client.")),
    ("wrong network", gettext_noop("The client asks for an address of another network than the one it is in.")),
    ("unknown subnet", gettext_noop("No subnet is declared for the network that the client is in.")),
    ("unknown network segment", gettext_noop("No subnet is declared for the network that the client is in.")),
    ("not authoritative", gettext_noop("The server is not authoritative for the network and so does not answer.")),
    ("unavailable", gettext_noop("The address that the client asks for belongs to somebody else now.")),
    ("unknown lease", gettext_noop("The server knows no lease of the address that the client asks for.")),
    ("owned by peer", gettext_noop("The lease belongs to the failover partner.")),
    ("transition state", gettext_noop("The failover pair is between two states and does not answer.")),
    ("not responding", gettext_noop("The failover pair is between two states and does not answer.")),
)
_UP, _DOWN = (Message.FORWARD_REQUEST, Message.RELAY_UP), (Message.FORWARD_REPLY, Message.RELAY_DOWN)
_OFFERS, _ENDS = (Message.OFFER, Message.ADVERTISE), (Message.ACK, Message.NAK, Message.DECLINE, Message.DECLINE6)
_FOLLOWS = {
    Message.DISCOVER: (Message.DISCOVER,),
    Message.REQUEST: (Message.DISCOVER, Message.OFFER, Message.REQUEST),
    Message.OFFER: (Message.DISCOVER, Message.OFFER),
    Message.ACK: (Message.REQUEST, Message.ACK, Message.OFFER),  # Kea does not log requests
    Message.NAK: (Message.REQUEST, Message.NAK),
    Message.DECLINE: (Message.ACK, Message.REQUEST),
    Message.SOLICIT: (Message.SOLICIT,),
    Message.ADVERTISE: (Message.SOLICIT, Message.ADVERTISE, Message.RELAY_FORW),
    Message.REQUEST6: (Message.SOLICIT, Message.ADVERTISE, Message.REQUEST6),
    Message.RENEW: (Message.RENEW,),
    Message.REBIND: (Message.RENEW, Message.REBIND),
    Message.CONFIRM: (Message.CONFIRM,),
    Message.RELAY_FORW: (Message.ADVERTISE, Message.RELAY_FORW),
    Message.REPLY: (
        *(Message.SOLICIT, Message.ADVERTISE, Message.REQUEST6, Message.RENEW, Message.REBIND, Message.CONFIRM),
        *(Message.RELAY_FORW, Message.REPLY),
    ),
    Message.DECLINE6: (Message.REPLY, Message.REQUEST6),
}
_LATER = timedelta(seconds=90)
"""A client that was silent for so long begins anew (dhclient gives up after 60 s)."""
_MAC_BYTES = 6
_STILL = timedelta(seconds=10)
"""A conversation whose last message is so near to the end of the log may go on."""


def conversations(lines: Iterable[LogLine], until: datetime | None = None) -> list[Conversation]:
    """In the order of their first messages. A client that repeats its DISCOVER is still in the same conversation.

    Lines of several logs can be given together, in the order of their times. `until` is when the logs were read, where
    nothing came after their last lines; without it the last line is where they end.
    """
    done: list[_Talk] = []
    current: dict[str, _Talk] = {}
    last: LogLine | None = None
    asking: _Talk | None = None
    logs = _Logs()
    for line in lines:
        last = line
        logs.see(line)
        if line.message is Message.ABANDONED and asking:
            asking.pinged = line
        if line.mac is None or (line.message not in _FOLLOWS and line.message not in RELAYED_BY):
            continue
        talk = current.get(line.mac)
        if talk is None or not talk.takes(line):
            talk = current[line.mac] = _Talk()
            done.append(talk)
        talk.add(line)
        asking = talk if line.message is Message.DISCOVER else None
    return [talk.conversation(last, until, logs) for talk in done]


class _Logs:
    """Whose logs there are."""

    def __init__(self) -> None:
        self.relay = False
        self.server = False

    def see(self, line: LogLine) -> None:
        self.relay = self.relay or line.message in RELAYED_BY
        self.server = self.server or (line.message in _FOLLOWS and line.mac is not None)


class _Talk:
    def __init__(self) -> None:
        self.lines: list[LogLine] = []
        self.pinged: LogLine | None = None
        self._state: Message | None = None

    def takes(self, line: LogLine) -> bool:
        """Whether the line goes on with this conversation."""
        before = self.lines[-1].at
        if before and line.at and abs(line.at - before) > _LATER:
            return False
        if line.message in _UP:
            return self._state not in (*_ENDS, Message.REPLY)
        if line.message in _DOWN or self._state is None:
            return True
        return self._state in _FOLLOWS[line.message]

    def add(self, line: LogLine) -> None:
        self.lines.append(line)
        if line.message not in RELAYED_BY:
            self._state = line.message

    def conversation(self, last: LogLine | None, until: datetime | None, logs: _Logs) -> Conversation:
        own = [line for line in self.lines if line.message not in RELAYED_BY]
        open_end = self._is_open(last, until)
        outcome, reason = self._end(own, logs, open_end=open_end) if own else self._relayed(logs, open_end=open_end)
        via = next((line.via for line in own if line.via), None)
        return Conversation(
            mac=self._client(),
            lines=tuple(self.lines),
            outcome=outcome,
            reason=reason,
            via=via,
            ip=next((line.ip for line in reversed(own) if line.ip), None),
            relay=_relay(via),
            hostname=next((line.hostname for line in reversed(own) if line.hostname), None),
            duid=next((line.duid for line in reversed(own) if line.duid), None),
        )

    def _client(self) -> str:
        """Its MAC. Of DHCPv6 the one that its address on the link or its DUID shows, or else what there is of these."""
        named = self.lines[0].mac or ""
        if len(named.split(":")) == _MAC_BYTES and "::" not in named:
            return named
        duid = next((line.duid for line in self.lines if line.duid), "")
        return mac_of_duid(duid or "") or duid or named

    def _is_open(self, last: LogLine | None, until: datetime | None) -> bool:
        mine = self.lines[-1]
        if until is not None and mine.at is not None:
            return until - mine.at < _STILL
        if last is None or mine is last:
            return True
        return bool(mine.at and last.at and last.at - mine.at < _STILL)

    def _relayed(self, logs: _Logs, *, open_end: bool) -> tuple[Outcome, Words]:
        """Of a conversation that only a relay tells of."""
        if not logs.server or any(line.message in _DOWN for line in self.lines):
            return Outcome.RELAYED, words(RELAYED)
        if open_end:
            return Outcome.UNFINISHED, words(UNFINISHED)
        return Outcome.UNANSWERED, words(NOT_ARRIVED, server=self.lines[0].server or "")

    def _end(self, own: list[LogLine], logs: _Logs, *, open_end: bool) -> tuple[Outcome, Words]:
        last = own[-1]
        if last.message is Message.ACK or (last.message is Message.REPLY and last.ip):
            return Outcome.BOUND, words(BOUND, ip=last.ip or "")
        if last.message in (Message.DECLINE, Message.DECLINE6):
            return Outcome.DECLINED, words(DECLINED, ip=last.ip or "")
        if said := _said(own) or _unsaid(own):
            return said
        if open_end:
            return Outcome.UNFINISHED, words(UNFINISHED)
        if last.message in _OFFERS:
            return Outcome.NO_REQUEST, self._lost(last, logs)
        if self.pinged and last.message is Message.DISCOVER:
            return Outcome.UNANSWERED, words(PINGED, ip=self.pinged.ip or "")
        return Outcome.UNANSWERED, words(SILENT)

    def _lost(self, offer: LogLine, logs: _Logs) -> Words:
        """Why an offer was not taken: with the relay's log beside it is known whether it came back there."""
        relay = _relay(offer.via)
        came_back = any(line.message in _DOWN for line in self.lines)
        return words(NOT_BACK, relay=relay) if relay and logs.relay and not came_back else words(NO_REQUEST)


def _said(own: list[LogLine]) -> tuple[Outcome, Words] | None:
    """What the server itself says of why, in its last word that says something."""
    note = next((line.note for line in reversed(own) if line.note), "")
    if "load balance to peer" in note.lower():
        return Outcome.LEFT_TO_PEER, words(LEFT_TO_PEER)
    if "not our server" in note.lower():
        return Outcome.LEFT_TO_PEER, words(OTHER_SERVER)
    if known := next((msgid for part, msgid in _NOTES if part in note.lower()), None):
        return Outcome.REFUSED, words(known)
    if own[-1].message is Message.NAK or note:
        return Outcome.REFUSED, words(REFUSED, note=note or own[-1].message.value)
    return None


def _unsaid(own: list[LogLine]) -> tuple[Outcome, Words] | None:
    """What a Reply without an address means, by what was asked."""
    if own[-1].message is not Message.REPLY:
        return None
    if any(line.message is Message.CONFIRM for line in own):
        return Outcome.ANSWERED, words(CONFIRMED)
    return Outcome.REFUSED, words(NO_BINDING)


def _relay(via: str | None) -> str | None:
    try:
        return str(ip_address(via)) if via else None
    except ValueError:
        return None
