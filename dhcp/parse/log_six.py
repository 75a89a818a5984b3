"""Log lines of dhcpd -6 and dhcrelay -6, one after the other, in; the messages of DHCPv6 out.

dhcpd writes several lines for a message: that it came (with the client's link-local address), what came of it (with
its DUID and IAID), and that it answers. Which of them belong together is known by their order: it does one after the
other. Source: server/dhcpv6.c and relay/dhcrelay.c of ISC DHCP 4.4, and trials with the real server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from dhcp.choices import Message
from dhcp.facts.duid import mac_of_duid, mac_of_link_local
from dhcp.facts.logs import LogLine
from dhcp.parse.log_stamps import stamp_time

_A = r"(?P<peer>[0-9a-f:.]+(?:%\S+)?)"
_IP = r"(?P<ip>[0-9a-f:.]+(?:/\d+)?)"
_DUID = r"(?P<duid>[0-9a-f]{1,2}(?::[0-9a-f]{1,2})+)"
_ASKS = "Solicit|Request|Renew|Rebind|Confirm|Release|Decline|Information-request"
_TEXTS = {
    "asks": rf"(?P<type>{_ASKS}) message from {_A} port \d+, transaction ID 0x[0-9A-Fa-f]+",
    "relayed": (
        r"Relay-forward message from (?P<relay>[0-9a-f:.]+) port \d+, "
        rf"link address (?P<link>[0-9a-f:.]+), peer address {_A}"
    ),
    "says": (
        rf"(?P<type>Advertise|Reply) (?:NA|TA|PD): (?:address|prefix) {_IP} "
        rf"to client with duid {_DUID} iaid = (?P<iaid>-?\d+) .*"
    ),
    "full": r"Unable to pick client (?:address|prefix): (?P<note>.*)",
    "gives": rf"Client {_DUID} (?:releases|reports) (?:address|prefix) {_IP}(?P<note>.*)",
    "nowhere": r"No subnet found for link-address (?P<link>[0-9a-f:.]+?)\.?",
    "drops": rf"Discarding (?P<type>{_ASKS}) from {_A}[;,:] (?P<note>.*?)(?: \(CLIENTID {_DUID}.*)?",
    "answers": rf"Sending (?P<type>Advertise|Reply|Relay-reply) to {_A} port \d+",
    "up": rf"Relaying (?P<type>\S+) from {_A} port \d+ going up\.",
    "down": rf"Relaying (?P<type>\S+) to {_A} port \d+ down\.",
}
_PATTERNS = {kind: re.compile(rf"(?:^|(?<=[\s:\]])){text}\s*$", re.IGNORECASE) for kind, text in _TEXTS.items()}
_HINT = re.compile(
    r"essage from |nable to pick |ending (?:Adv|Rep|Rel)|iaid = |o subnet found|laying |Client [0-9a-f]|Discarding "
)
_MESSAGES = {message.value.lower(): message for message in Message}
_ASKED = {"release": Message.RELEASE6, "decline": Message.DECLINE6, "request": Message.REQUEST6}
_NO_ANSWER = (Message.RELEASE6, Message.DECLINE6, Message.INFORM6)
"""What is answered to these says nothing more."""
_USELESS = "::"
_SHARED = re.compile(r" *- *shared network (?P<name>[^:]+): .*")


@dataclass(slots=True)
class _Held:
    """A message that came, and what the server said of it so far. `peer` is the client's address on its link."""

    line: LogLine
    peer: str


class SixReader:
    """Lines are given in their order; what came and was not told yet is `rest` at the end of the text."""

    def __init__(self, now: datetime | None, source: str) -> None:
        self._now, self._source = now, source
        self._held: _Held | None = None
        self._said: list[LogLine] = []

    def read(self, text: str, number: int) -> Iterator[LogLine]:
        """The messages that are complete with this line."""
        if not _HINT.search(text):
            return
        kind, found = next(((k, match) for k, each in _PATTERNS.items() if (match := each.search(text))), ("", None))
        if found is None:
            return
        said = {name: value for name, value in found.groupdict().items() if value is not None}
        line = self._line(text[: found.start()], number)
        if kind in ("asks", "relayed", "drops"):
            yield from self._came(kind, line, said)
        elif kind in ("up", "down"):
            message = Message.RELAY_UP if kind == "up" else Message.RELAY_DOWN
            yield replace(line, message=message, mac=_named(said["peer"]), note=said["type"])
        elif kind == "answers":
            yield from self._answered(line, said)
        else:
            self._tell(kind, line, said)

    def rest(self) -> Iterator[LogLine]:
        """What no answer followed."""
        if self._held is not None:
            yield self._held.line
        yield from self._said
        self._held, self._said = None, []

    def _came(self, kind: str, line: LogLine, said: dict[str, str]) -> Iterator[LogLine]:
        if kind == "drops" and self._held and self._held.peer == said["peer"]:
            self._held.line = replace(self._held.line, note=said["note"], duid=said.get("duid"))
            return
        yield from self.rest()
        via = None
        if kind == "relayed":
            via = said["relay"] if said["link"] == _USELESS else said["link"]
        message = Message.RELAY_FORW if kind == "relayed" else _message(said["type"])
        came = replace(line, message=message, mac=_named(said["peer"]), via=via, note=said.get("note", ""))
        self._held = _Held(came, said["peer"])

    def _tell(self, kind: str, line: LogLine, said: dict[str, str]) -> None:
        duid = (said.get("duid") or "").lower() or None
        if kind in ("full", "nowhere"):
            self._note("unknown subnet" if kind == "nowhere" else _full(said["note"]), said.get("link"))
            return
        if self._held is None:
            mac = mac_of_duid(duid or "") or duid
        else:
            mac = self._held.line.mac
            self._held.line = replace(self._held.line, duid=duid, iaid=said.get("iaid"))
        if kind == "says":
            told = replace(line, message=_message(said["type"]), mac=mac, ip=said["ip"], duid=duid, iaid=said["iaid"])
            self._said.append(replace(told, via=self._held.line.via if self._held else None))
        elif self._held is not None:
            note = said["note"].strip(" !")
            self._held.line = replace(self._held.line, ip=said["ip"], note=note)

    def _note(self, note: str, link: str | None) -> None:
        if self._held is not None:
            line = self._held.line
            self._held.line = replace(line, note=note, via=line.via or link)

    def _answered(self, line: LogLine, said: dict[str, str]) -> Iterator[LogLine]:
        """Where the lines before it named no address, the answer itself is told."""
        held, told = self._held, self._said
        if held is None and not told:
            return
        yield from self.rest()
        is_told = told or held is None or held.line.message in _NO_ANSWER or said["type"].lower() == "relay-reply"
        if not is_told and held is not None:
            yield replace(line, message=_message(said["type"]), mac=held.line.mac, duid=held.line.duid)

    def _line(self, stamp: str, number: int) -> LogLine:
        stamp = stamp.strip()
        return LogLine(Message.REPLY, number, stamp, at=stamp_time(stamp, self._now), source=self._source)


def _message(name: str) -> Message:
    return _ASKED.get(name.lower()) or _MESSAGES[name.lower()]


def _named(peer: str) -> str:
    """A client by its address on the link: the MAC that it is made of, or else the address."""
    return mac_of_link_local(peer) or peer


def _full(note: str) -> str:
    """In dhcpd's own words for IPv4, which name the network."""
    if "no addresses available" in note or "no prefixes available" in note:
        network = _SHARED.search(note)
        return f"network {network['name'].strip()}: no free leases" if network else "no free leases"
    return note.strip(" .")
