"""Texts of forms in, values of columns out, or BadInput with the field. People write decimal; dhcpd may read octal."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sized

from dhcp.facts.check import Place
from dhcp.facts.server import INFINITE
from dhcp.rules.addresses import address_of, network_of
from dhcp.rules.written import number
from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words

_PATH = re.compile(r"(/[A-Za-z0-9_+-][A-Za-z0-9_.+-]*)+")
_UNIT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@:-]*")
_INTERFACE = re.compile(r"[A-Za-z0-9_.:@][A-Za-z0-9_.:@-]{0,14}")
_UNITS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_TIME = re.compile(r"([0-9]+)\s*([a-z]*)")
_MAC = re.compile(r"[0-9a-f]{1,2}([:-][0-9a-f]{1,2}){5,19}|[0-9a-f]{12}|[0-9a-f]{4}(\.[0-9a-f]{4}){2}", re.IGNORECASE)


def lease_seconds_of(typed: str, field: str) -> int | None:
    """Seconds, or 10 m, 8 h, 7 d; "infinite" and -1 are INFINITE; "" says nothing.

    A leading zero (octal to dhcpd), 0x (hex) and what is beyond 32 bits are refused, since dhcpd reads them otherwise.
    """
    text = typed.strip().lower()
    if not text:
        return None
    if text in ("infinite", "-1"):
        return INFINITE
    for found in number(text, Place("statement", "", field)):
        said = gettext_noop("%(title)s. %(why)s %(what_to_do)s Nothing was saved.")
        finding = found.finding
        raise BadInput(words(said, title=finding.title, why=finding.why, what_to_do=finding.what_to_do), field=field)
    match = _TIME.fullmatch(text)
    seconds = int(match[1]) * _UNITS.get(match[2], 0) if match and len(match[1]) < 20 else 0
    if not match or match[2] not in _UNITS or seconds > INFINITE:
        said = gettext_noop("“%(text)s” is no lease time. Write seconds, or such as 8 h or 7 d, or infinite.")
        raise BadInput(words(said, text=typed[:60]), field=field)
    return seconds


def require_few(said: Sized, most: int, field: str) -> None:
    """A list that somebody typed or sent, and not a flood."""
    if len(said) > most:
        raise BadInput(words(gettext_noop("These are more than %(most)s. Nothing was saved."), most=most), field=field)


def require_interfaces(names: Iterable[str], field: str) -> None:
    """Names of interfaces: nothing that a program or a shell would read in another way."""
    for name in names:
        if not _INTERFACE.fullmatch(name):
            said = gettext_noop("“%(text)s” cannot stand here. Use letters, digits, dots and dashes.")
            raise BadInput(words(said, text=name[:60]), field=field)


def mac_of(typed: str) -> str:
    """In lower case with colons, from any usual spelling; what is none is refused."""
    text = typed.strip()
    if not text:
        return ""
    if not _MAC.fullmatch(text):
        said = gettext_noop("“%(text)s” is no MAC address. Write six pairs of hex digits with colons between them.")
        raise BadInput(words(said, text=text[:60]), field="mac")
    parts = re.split("[:-]", text) if re.search("[:-]", text) else re.findall("..", text.replace(".", ""))
    return ":".join(part.zfill(2) for part in parts).lower()


def require_plain(places: dict[str, str]) -> None:
    """Paths and the unit of a server by their columns: nothing that a start script would read in another way."""
    for field, text in places.items():
        if text and not (_UNIT if field == "unit" else _PATH).fullmatch(text):
            said = gettext_noop("“%(text)s” cannot stand here. Use letters, digits, dots and dashes.")
            raise BadInput(words(said, text=text[:60]), field=field)


def host_address(typed: str, version: int) -> str:
    """In its usual spelling; a name stays as it is, and is refused where the edit is judged."""
    found = address_of(typed.strip())
    if "/" in typed or (found is not None and found.version != version):
        said = gettext_noop("“%(text)s” is no IPv%(version)s address.")
        raise BadInput(words(said, text=typed[:60], version=version), field="addresses")
    return str(found or typed.strip())


def prefix_of(typed: str) -> str:
    """A prefix of IPv6 in its usual spelling."""
    found = network_of(typed.strip())
    if found is None or found.version != 6 or "/" not in typed:
        said = gettext_noop("“%(text)s” is no prefix. Write it with its length: 2001:db8:100::/56.")
        raise BadInput(words(said, text=typed[:60]), field="prefixes")
    return str(found)


def with_length(typed: str, field: str) -> str:
    """An address with its length, as it was typed."""
    text = typed.strip()
    if "/" not in text or network_of(text) is None:
        said = gettext_noop("“%(text)s” is no address with its length. Write it like 192.168.1.254/24.")
        raise BadInput(words(said, text=text[:60]), field=field)
    return text


def one_word(typed: str, field: str) -> str:
    """A word without the blanks around it."""
    text = typed.strip()
    if len(text.split()) > 1:
        raise BadInput(words(gettext_noop("“%(text)s” is more than one word."), text=text[:60]), field=field)
    return text


def base64_of(secret: str) -> str:
    """A secret without blanks and line ends."""
    text = "".join(secret.split())
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        said = gettext_noop("The secret is no base64. It looks like pRP5FapFoJ95JEL06sv4PQ==.")
        raise BadInput(words(said), field="secret") from error
    return text
