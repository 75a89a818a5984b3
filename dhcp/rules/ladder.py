"""A conversation in, its ladder out: who said what to whom, and the step at which it broke."""

from __future__ import annotations

from dataclasses import replace

from dhcp.choices import RELAYED, SIX, Message, Outcome
from dhcp.facts.ladder import BROKEN, CLIENT, MISSING, RELAY, SERVER, Ladder, Rung
from dhcp.facts.logs import Conversation, LogLine

_TO_CLIENT = frozenset({Message.OFFER, Message.ACK, Message.NAK, Message.BOOTREPLY, Message.ADVERTISE, Message.REPLY})
_DOWN = (Message.FORWARD_REPLY, Message.RELAY_DOWN)
_FOUR = (Message.DISCOVER, Message.OFFER, Message.REQUEST, Message.ACK, Message.FORWARD_REPLY)
_SIX = (Message.SOLICIT, Message.ADVERTISE, Message.REQUEST6, Message.REPLY, Message.RELAY_DOWN)
"""In the order in which they come, and what a relay passes back."""
_FINE = frozenset({Outcome.BOUND, Outcome.RELAYED, Outcome.UNFINISHED, Outcome.LEFT_TO_PEER, Outcome.ANSWERED})


def ladder(talk: Conversation) -> Ladder:
    """Where a relay's own log is there, its lines are the clients' side, and the server's lines the other side."""
    has_relay_log = any(line.message in RELAYED for line in talk.lines)
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
    if line.message in RELAYED:
        return (RELAY, CLIENT) if line.message in _DOWN else (CLIENT, RELAY)
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
        said_no = rungs[n].message in (Message.NAK, Message.DECLINE, Message.DECLINE6)
        says_nothing = rungs[n].message == Message.REPLY and not rungs[n].ip
        if (
            said_no
            or (talk.outcome == Outcome.REFUSED and says_nothing)
            or (talk.outcome == Outcome.REFUSED and rungs[n].note)
        ):
            return n
    return None


def _missing(last: Rung, talk: Conversation, *, has_relay_log: bool) -> Rung:
    near = RELAY if has_relay_log else CLIENT
    is_six = any(line.message in SIX for line in talk.lines)
    first, offer, request, end, down = _SIX if is_six else _FOUR
    own = [line.message for line in talk.lines if line.message not in RELAYED]
    if not own:  # the relay passed it on, and the server has no word of it
        return Rung(first.value, RELAY, SERVER, kind=MISSING, why=talk.reason)
    came_back = any(line.message in _DOWN for line in talk.lines)
    if own[-1] is offer and has_relay_log and not came_back:
        return Rung(down.value, RELAY, CLIENT, kind=MISSING, why=talk.reason)
    if own[-1] is offer:
        return Rung(request.value, near, SERVER, last.ip, kind=MISSING, why=talk.reason)
    answer = offer if own[-1] in (first, Message.RELAY_FORW) else end
    return Rung(answer.value, SERVER, near, kind=MISSING, why=talk.reason)
