"""Log text of dhcpd, dhcrelay or dhclient in, the messages of handshakes out; other lines are passed over.

Source: server/dhcp.c, relay/dhcrelay.c and client/dhclient.c of ISC DHCP 4.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dhcp.choices import Message
from dhcp.facts.logs import LogLine
from dhcp.parse.addresses import mac

_MAC = r"(?P<mac>[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5,})"
_NAME = r"(?: \((?P<hostname>[^)]*)\))?"
_VIA = r" via (?P<via>[^\s:]+)(?::? (?P<note>.*))?"
_IP = r"(?P<ip>[0-9a-f.:]+)"
_LINES = tuple(
    re.compile(r"^(?P<stamp>.*?)\b(?P<message>" + pattern + r"\s*$", re.IGNORECASE)
    for pattern in (
        r"DHCPDISCOVER) from " + _MAC + _NAME + _VIA,
        r"DHCPOFFER) on " + _IP + " to " + _MAC + _NAME + _VIA,
        r"DHCPREQUEST) for " + _IP + r"(?: \((?P<server>[0-9.]+)\))? from " + _MAC + _NAME + _VIA,
        r"DHCPACK|DHCPNAK) on " + _IP + " to " + _MAC + _NAME + _VIA,
        r"DHCPACK) to " + _IP + r" \(" + _MAC + r"\)" + _VIA,
        r"DHCPRELEASE|DHCPDECLINE) of " + _IP + " from " + _MAC + _NAME + _VIA,
        r"DHCPINFORM) from " + _IP + _VIA,
        r"Forwarded BOOTREQUEST) for " + _MAC + r" to (?P<server>\S+)",
        r"Forwarded BOOTREPLY) for " + _MAC + " to " + _IP,
        r"DHCPDISCOVER) on (?P<via>\S+) to (?P<server>\S+) port \d+(?P<note> interval \d+)?",
        r"DHCPREQUEST) for " + _IP + r" on (?P<via>\S+) to (?P<server>\S+) port \d+",
        r"DHCPOFFER|DHCPACK|DHCPNAK) (?:of " + _IP + r" )?from (?P<server>[0-9.]+)",
        r"Abandoning IP address) " + _IP + r": (?P<note>.*)",
        r"Packet from unknown subnet): (?P<via>\S+)",
    )
)
_MESSAGES = {message.value.lower(): message for message in Message}
_LONGEST = 1000
"""Characters of a line that are looked at; syslog's own limit is 8 KiB, dhcpd's lines have under 300."""


def log_lines(lines: Iterable[str]) -> Iterator[LogLine]:
    """In the order of the text; each line with or without what syslog or the journal puts before it."""
    for number, line in enumerate(lines, 1):
        for pattern in _LINES:
            if found := pattern.match(line[:_LONGEST]):
                yield _line(number, found.groupdict())
                break


def _line(number: int, found: dict[str, str | None]) -> LogLine:
    return LogLine(
        message=_MESSAGES[str(found["message"]).lower()],
        number=number,
        stamp=str(found["stamp"]).strip(),
        mac=mac(found.get("mac") or ""),
        ip=found.get("ip"),
        hostname=found.get("hostname"),
        via=found.get("via"),
        server=found.get("server"),
        note=(found.get("note") or "").strip(" ."),
    )
