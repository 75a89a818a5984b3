"""One line of a Kea log in, the message of the handshake that it tells of out, in the words that dhcpd has for it.

At its usual severity Kea tells of offers, answers and failures, not of what clients ask; with debugging of level 40 it
tells of every packet. Source: dhcp4_messages.mes, dhcp6_messages.mes and alloc_engine_messages.mes of Kea 2.2 and 2.4.
"""

from __future__ import annotations

import re
from datetime import datetime

from dhcp.choices import Message
from dhcp.facts.duid import mac_of_duid
from dhcp.facts.logs import LogLine
from dhcp.parse.addresses import mac
from dhcp.parse.log_stamps import stamp_time

_LINE = re.compile(
    r"\b(?P<id>(?:DHCP4|ALLOC_ENGINE_V4)_[A-Z0-9_]+) (?P<before>.*?)\[hwtype=\d+ (?P<mac>[0-9a-fA-F:]*)\], "
    r"cid=\[[^\]]*\], tid=0x[0-9a-f]+[:,.]? ?(?P<after>.*)$"
)
_SIX = re.compile(
    r"\b(?P<id>(?:DHCP6|ALLOC_ENGINE_V6)_[A-Z0-9_]+) (?P<before>.*?)duid=\[(?P<duid>[0-9a-fA-F:]*)\], "
    r"(?:\[[^\]]*\], )?tid=0x[0-9a-f]+[:,.]? ?(?P<after>.*)$"
)
_HINT = re.compile(r"\[hwtype=|duid=\[")
_IP = r"(?P<ip>\d+(?:\.\d+){3})"
_RECEIVED = r"(?P<type>DHCP[A-Z]+) \(type \d+\) received from (?P<via>[0-9.]+) to \S+ on interface (?P<on>\S+)"
_NO_SUBNET = "unknown subnet"
_RULES: tuple[tuple[tuple[str, ...], Message | None, str, str], ...] = (
    (("DHCP4_LEASE_ADVERT", "DHCP4_LEASE_OFFER"), Message.OFFER, f"lease {_IP} will be ", ""),
    (("DHCP4_LEASE_ALLOC", "DHCP4_LEASE_REUSE"), Message.ACK, f"lease {_IP} has been ", ""),
    (("DHCP4_INIT_REBOOT",), Message.REQUEST, f".* requests address {_IP}", ""),
    (("DHCP4_NO_LEASE_INIT_REBOOT",), Message.REQUEST, f"no lease for address {_IP}", "unknown lease"),
    (("DHCP4_PACKET_NAK_0002",), Message.NAK, f"invalid address {_IP} ", "wrong network"),
    (("DHCP4_PACKET_NAK_0004",), Message.NAK, f"failed to grant a lease, .*requested-ip-address {_IP}", ""),
    (("DHCP4_PACKET_NAK_0001",), None, r".*, src (?P<via>[0-9.]+), type (?P<type>DHCP[A-Z]+)", _NO_SUBNET),
    (("DHCP4_PACKET_DROP_0002",), Message.DISCOVER, r"from interface (?P<via>[^\s:]+): no suitable", _NO_SUBNET),
    (
        ("ALLOC_ENGINE_V4_ALLOC_FAIL_SUBNET", "ALLOC_ENGINE_V4_ALLOC_FAIL_SHARED_NETWORK"),
        Message.DISCOVER,
        r"failed to allocate .* in the (?:subnet|shared network) (?P<network>[^\s,:]+)",
        "network %s: no free leases",
    ),
    (("DHCP4_RELEASE",), Message.RELEASE, f"address {_IP} was released", "found"),
    (("DHCP4_RELEASE_FAIL_NO_LEASE",), Message.RELEASE, f".*lease {_IP}", "not found"),
    (("DHCP4_DECLINE_LEASE",), Message.DECLINE, f"Received DHCPDECLINE for addr {_IP} ", "abandoned"),
    (("DHCP4_PACKET_SEND_FAIL",), Message.SEND_FAILED, r"(?P<network>.*)", "%s"),
    (("DHCP4_PACKET_SEND",), Message.NAK, r"trying to send packet DHCPNAK ", ""),
    (("DHCP4_PACKET_RECEIVED",), None, _RECEIVED, ""),
)
_IP6 = r"(?P<ip>[0-9a-f:.]+(?:/\d+)?)"
_LEASE6 = rf"lease for (?:address|prefix) {_IP6} and iaid=(?P<iaid>\d+) "
_RECEIVED6 = r"(?P<type>[A-Z_]+) \(type \d+\) received from (?P<from>\S+) to \S+ on interface (?P<on>\S+)"
_SIX_RULES: tuple[tuple[tuple[str, ...], Message | None, str, str], ...] = (
    (("DHCP6_LEASE_ADVERT", "DHCP6_PD_LEASE_ADVERT"), Message.ADVERTISE, _LEASE6, ""),
    (
        *(("DHCP6_LEASE_ALLOC", "DHCP6_LEASE_RENEW", "DHCP6_LEASE_REUSE", "DHCP6_PD_LEASE_ALLOC"), Message.REPLY),
        *(_LEASE6, ""),
    ),
    (("DHCP6_PD_LEASE_RENEW", "DHCP6_PD_LEASE_REUSE"), Message.REPLY, _LEASE6, ""),
    (
        ("ALLOC_ENGINE_V6_ALLOC_FAIL_SUBNET", "ALLOC_ENGINE_V6_ALLOC_FAIL_SHARED_NETWORK"),
        Message.SOLICIT,
        r"failed to allocate .* in the (?:subnet|shared network) (?P<network>[^\s,]+?)[,:]? ",
        "network %s: no free leases",
    ),
    (("DHCP6_SUBNET_SELECTION_FAILED",), Message.SOLICIT, "failed to select a subnet", _NO_SUBNET),
    (("DHCP6_RELEASE_NA", "DHCP6_RELEASE_PD"), Message.RELEASE6, f".*(?:address|prefix) {_IP6} and iaid=.*", "found"),
    (("DHCP6_DECLINE_LEASE",), Message.DECLINE6, f"Client sent DECLINE for address {_IP6} ", "abandoned"),
    (("DHCP6_PACKET_DROP_SERVERID_MISMATCH",), Message.REQUEST6, "dropping packet", "not our server identifier"),
    (("DHCP6_PACKET_SEND_FAIL",), Message.SEND_FAILED, r"(?P<network>.*)", "%s"),
    (("DHCP6_PACKET_RECEIVED",), None, _RECEIVED6, ""),
)
_BY_ID = {
    name: (message, re.compile(pattern), note)
    for names, message, pattern, note in (*_RULES, *_SIX_RULES)
    for name in names
}
_ASKED = {message.value: message for message in Message}
_ASKED6 = {
    "SOLICIT": Message.SOLICIT,
    "REQUEST": Message.REQUEST6,
    "RENEW": Message.RENEW,
    "REBIND": Message.REBIND,
    "CONFIRM": Message.CONFIRM,
    "RELEASE": Message.RELEASE6,
    "DECLINE": Message.DECLINE6,
}
_NOBODY = "0.0.0.0"  # noqa: S104  (a client that has no address yet, not one to bind to)


def is_kea(line: str) -> bool:
    """Whether a line tells of a client in Kea's words."""
    return _HINT.search(line) is not None


def kea_line(line: str, number: int, now: datetime | None = None, source: str = "") -> LogLine | None:
    """None for a line of another program, and for a message that is no part of a handshake."""
    if six := _SIX.search(line):
        return _six(line, six, number, now, source)
    found = _LINE.search(line)
    rule = _BY_ID.get(found["id"]) if found else None
    if found is None or rule is None:
        return None
    message, pattern, note = rule
    parts = pattern.match(found["before"] + found["after"])
    if parts is None:
        return None
    said = parts.groupdict()
    told = message or _ASKED.get(said.get("type") or "")
    if told is None or (message is None and told in (Message.OFFER, Message.ACK)):
        return None
    via, on = said.get("via"), said.get("on")
    if on and (via == _NOBODY or told is not Message.DISCOVER):  # others may come from the client's own address
        via = on
    stamp = line[: found.start()].strip()
    return LogLine(
        message=told,
        number=number,
        stamp=stamp,
        mac=mac(found["mac"]),
        ip=said.get("ip"),
        via=None if via == _NOBODY else via,
        note=note % said["network"] if "%s" in note else note,
        at=stamp_time(stamp, now),
        source=source,
    )


def _six(line: str, found: re.Match[str], number: int, now: datetime | None, source: str) -> LogLine | None:
    message, pattern, note = _BY_ID.get(found["id"], (None, None, ""))
    parts = pattern.match(found["before"] + found["after"]) if pattern else None
    said = parts.groupdict() if parts else {}
    told = message or _ASKED6.get(said.get("type") or "")
    if parts is None or told is None:
        return None
    stamp, duid = line[: found.start()].strip(), found["duid"].lower()
    return LogLine(
        message=told,
        number=number,
        stamp=stamp,
        mac=mac_of_duid(duid) or duid or None,
        ip=said.get("ip"),
        via=said.get("on"),
        note=note % said["network"] if "%s" in note else note,
        at=stamp_time(stamp, now),
        source=source,
        duid=duid or None,
        iaid=said.get("iaid"),
    )
