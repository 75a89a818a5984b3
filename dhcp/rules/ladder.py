"""A conversation in, its ladder out: who said what to whom, and the step at which it broke."""

from __future__ import annotations

from dataclasses import replace

from dhcp.choices import Message, Outcome
from dhcp.facts.ladder import BROKEN, CLIENT, MISSING, RELAY, SERVER, Ladder, Rung
from dhcp.facts.logs import Conversation, LogLine

_TO_CLIENT = frozenset({Message.OFFER, Message.ACK, Message.NAK, Message.FORWARD_REPLY, Message.BOOTREPLY})
_RELAYED = {Message.FORWARD_REQUEST: (CLIENT, RELAY), Message.FORWARD_REPLY: (RELAY, CLIENT)}
_FINE = frozenset({Outcome.BOUND, Outcome.RELAYED, Outcome.UNFINISHED, Outcome.LEFT_TO_PEER})


def ladder(talk: Conversation) -> Ladder:
    """Where a relay's own log is there, its lines are the clients' side, and the server's lines the other side."""
    has_relay_log = any(line.message in _RELAYED for line in talk.lines)
    parties = (CLIENT, RELAY, SERVER) if talk.relay or has_relay_log else (CLIENT, SERVER)
    first = next((line.at for line in talk.lines if line.at), None)
    rungs = []
    for line in talk.lines:
        source, target = _way(line, has_relay_log=has_relay_log)
        seconds = (line.at - first).total_seconds() if line.at and first else None
        rungs.append(Rung(line.message.value, source, target, line.ip or "", line.note, line.at, seconds))
    if talk.outcome not in _FINE:
        rungs = _broken(rungs, talk, has_relay_log=has_relay_log)
    return Ladder(parties, tuple(rungs))


def _way(line: LogLine, *, has_relay_log: bool) -> tuple[str, str]:
    if line.message in _RELAYED:
        return _RELAYED[line.message]
    near = RELAY if has_relay_log else CLIENT
    return (SERVER, near) if line.message in _TO_CLIENT else (near, SERVER)


def _broken(rungs: list[Rung], talk: Conversation, *, has_relay_log: bool) -> list[Rung]:
    """What the server said against it, or what never came."""
    if not rungs:
        return rungs
    at = _refusal(rungs, talk)
    if at is not None:
        return [replace(each, kind=BROKEN, why=talk.reason) if n == at else each for n, each in enumerate(rungs)]
    return [*rungs, _missing(rungs[-1], talk, has_relay_log=has_relay_log)]


def _refusal(rungs: list[Rung], talk: Conversation) -> int | None:
    """The last message that says why not, or takes the address back."""
    for n in range(len(rungs) - 1, -1, -1):
        said_no = rungs[n].message in (Message.NAK, Message.DECLINE)
        if said_no or (talk.outcome == Outcome.REFUSED and rungs[n].note):
            return n
    return None


def _missing(last: Rung, talk: Conversation, *, has_relay_log: bool) -> Rung:
    near = RELAY if has_relay_log else CLIENT
    own = [line.message for line in talk.lines if line.message not in _RELAYED]
    if not own:  # the relay passed it on, and the server has no word of it
        return Rung(Message.DISCOVER.value, RELAY, SERVER, kind=MISSING, why=talk.reason)
    came_back = any(line.message is Message.FORWARD_REPLY for line in talk.lines)
    if own[-1] is Message.OFFER and has_relay_log and not came_back:
        return Rung(Message.FORWARD_REPLY.value, RELAY, CLIENT, kind=MISSING, why=talk.reason)
    if own[-1] is Message.OFFER:
        return Rung(Message.REQUEST.value, near, SERVER, last.ip, kind=MISSING, why=talk.reason)
    answer = Message.ACK if own[-1] is Message.REQUEST else Message.OFFER
    return Rung(answer.value, SERVER, near, kind=MISSING, why=talk.reason)
