"""Log text of dhcpd, dhcrelay, dhclient or Kea in, the messages of handshakes out; other lines are passed over.

Source: server/dhcp.c, server/failover.c, common/packet.c, relay/dhcrelay.c and client/dhclient.c of ISC DHCP 4.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from dhcp.choices import Message
from dhcp.facts.logs import LogLine
from dhcp.parse.addresses import mac
from dhcp.parse.kea_log_lines import is_kea, kea_line
from dhcp.parse.log_six import SixReader
from dhcp.parse.log_stamps import stamp_time

_MAC = r"(?P<mac>[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5,})"
_NAME = r"(?: \((?P<hostname>[^)]*)\))?"
_VIA = r" via (?P<via>[^\s:]+)(?::? (?P<note>.*))?"
_IP = r"(?P<ip>[0-9a-f.:]*[0-9a-f])"
_DISCOVER = ("DHCPDISCOVER",)
_ANSWER = ("DHCPACK", "DHCPNAK")
_TAILS: tuple[tuple[tuple[str, ...], str], ...] = (
    (_DISCOVER, " from " + _MAC + _NAME + _VIA),
    (("DHCPOFFER", *_ANSWER), " on " + _IP + " to " + _MAC + _NAME + _VIA),
    (("DHCPREQUEST",), " for " + _IP + r"(?: \((?P<server>[0-9.]+)\))? from " + _MAC + _NAME + _VIA),
    (_ANSWER, " to " + _IP + r" \(" + _MAC + r"\)" + _VIA),
    (("DHCPRELEASE", "DHCPDECLINE"), " of " + _IP + " from " + _MAC + _NAME + _VIA),
    (("DHCPINFORM",), " from " + _IP + _VIA),
    (("BOOTREQUEST",), " from " + _MAC + _VIA),
    (("BOOTREPLY",), " (?:for|on) " + _IP + " to " + _MAC + r".*? via (?P<via>\S+)"),
    (("Forwarded BOOTREQUEST",), " for " + _MAC + r" to (?P<server>\S+)"),
    (("Forwarded BOOTREPLY",), " for " + _MAC + " to " + _IP),
    (_DISCOVER, r" on (?P<via>\S+) to (?P<server>\S+) port \d+(?P<note> .*)?"),
    (("DHCPREQUEST",), " (?:for|of) " + _IP + r" on (?P<via>\S+) to (?P<server>\S+) port \d+(?P<note> .*)?"),
    (("DHCPOFFER", *_ANSWER), "(?: of " + _IP + r")? from (?P<server>[0-9.]+)(?P<note> .*)?"),
    (("Abandoning IP address",), " " + _IP + r": (?P<note>.*)"),
    (("Reclaiming abandoned lease",), " " + _IP + r"\.?"),
    (("ICMP Echo reply while lease",), " " + _IP + r" valid\.?"),
    (("uid lease",), " " + _IP + " for client " + _MAC + r" is (?P<note>duplicate on .*)"),
    (("Packet from unknown subnet",), r": (?P<via>\S+)"),
    (("No subnet declaration for",), r" (?P<via>\S+)(?: \((?P<note>[^)]*)\))?.*"),
    (("failover peer",), r" (?P<server>[^\s:]+): (?P<note>(?:I move|peer moves) from \S+ to \S+)"),
    (("bind update on",), " " + _IP + r" from (?P<server>\S+) rejected: (?P<note>.*)"),
    (("send_packet", "send_packet6"), r": (?P<note>.*\S)"),
    (("bad udp checksums",), r"(?P<note> in \d+ packets)"),
    (("disconnected",), ""),
)
_PATTERNS: dict[str, list[re.Pattern[str]]] = {}
for _names, _tail in _TAILS:
    _pattern = re.compile(_tail + r"\s*$", re.IGNORECASE)
    for _name in _names:
        _PATTERNS.setdefault(_name.lower(), []).append(_pattern)
_KEYWORD = re.compile(r"\b(?:" + "|".join(sorted(_PATTERNS, key=len, reverse=True)) + r")\b", re.IGNORECASE)
_BEFORE = {
    Message.CHECKSUM: re.compile(r"^(?P<stamp>.*?)(?P<note>\d+)$"),
    Message.PEER_LOST: re.compile(r"^(?P<stamp>.*?)\bpeer (?P<server>[^\s:]+):$"),
}
"""What stands before the keyword, where the message itself begins there."""
_MESSAGES = {message.value.lower(): message for message in Message} | {"send_packet6": Message.SEND_FAILED}
_LONGEST = 1000
"""Characters of a line that are looked at; syslog's own limit is 8 KiB, dhcpd's lines have under 300."""
_TRIES = 5
"""Keywords of a line that are looked at: a client's name may hold one."""


def log_lines(lines: Iterable[str], now: datetime | None = None, source: str = "") -> Iterator[LogLine]:
    """In the order of the text; each line with or without what syslog or the journal puts before it.

    `now` tells the year of stamps that have none; without it such lines have no time.
    """
    six = SixReader(now, source)
    for number, line in enumerate(lines, 1):
        short = line[:_LONGEST].replace("\0", "\N{REPLACEMENT CHARACTER}")  # which PostgreSQL keeps nowhere
        for keyword in islice(_KEYWORD.finditer(short), _TRIES):
            if found := _read(short, keyword):
                yield _line(number, found, now, source)
                break
        else:
            if is_kea(short):
                if told := kea_line(short.rstrip(), number, now, source):
                    yield told
            else:
                yield from six.read(short, number)
    yield from six.rest()


def _read(line: str, keyword: re.Match[str]) -> dict[str, str | None] | None:
    """The parts of a line whose message has its keyword there."""
    name, stamp = keyword.group().lower(), line[: keyword.start()].rstrip()
    for pattern in _PATTERNS[name]:
        if found := pattern.match(line, keyword.end()):
            parts: dict[str, str | None] = {"message": name, "stamp": stamp, **found.groupdict()}
            before = _BEFORE.get(_MESSAGES[name])
            if before is None:
                return parts
            head = before.match(stamp)
            if head is None:
                return None
            note = f"{head.groupdict().get('note') or ''} {keyword.group()}{parts.get('note') or ''}"
            return parts | head.groupdict() | {"note": note}
    return None


def log_text(data: bytes, now: datetime | None = None, source: str = "") -> list[LogLine]:
    """Of the bytes of a log: what is no UTF-8 is shown as \\xhh, and no byte makes the reading fail."""
    return list(log_lines(data.decode("utf-8", "backslashreplace").split("\n"), now, source))


def _line(number: int, found: dict[str, str | None], now: datetime | None, source: str) -> LogLine:
    stamp = (found["stamp"] or "").strip()
    return LogLine(
        message=_MESSAGES[found["message"] or ""],
        number=number,
        stamp=stamp,
        mac=mac(found.get("mac") or ""),
        ip=found.get("ip"),
        hostname=found.get("hostname"),
        via=found.get("via"),
        server=found.get("server"),
        note=(found.get("note") or "").strip(" ."),
        at=stamp_time(stamp, now),
        source=source,
    )
