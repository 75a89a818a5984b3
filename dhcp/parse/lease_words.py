"""The words of one lease record in, a Lease out; what the record says wrongly is None, never an error.

Source: dhcpd.leases(5) and server/confpars.c of ISC DHCP 4.4: keywords in any case; years from 2038 on mean never;
`epoch N` is Unix time; an offset after the time is added; strings carry octal escapes.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from dhcp.facts.lease import Lease
from dhcp.facts.quoted import hex_of, unescaped

_WORD = re.compile(rb"#[^\n]*|\"((?:[^\"\\\n]|\\[^\n])*)\"|([{};=])|([^\s\"{};=#]+)")
_DATE = re.compile(rb"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d")
_NEVER_FROM_YEAR = 2038
STATES = {"reserved": "active", "bootp": "active"} | {
    name: name for name in ("free", "active", "expired", "released", "reset", "backup", "abandoned")
}
"""What each word for a state is read as."""

Statement = list[bytes]


def lease(ip: str, body: bytes) -> Lease:
    """`body` is what stands between the braces of `lease ip { }`, in any spelling."""
    fields: dict[str, object] = {}
    for words in statements(body):
        fields.update(_field(words))
    return Lease(ip, **fields)  # type: ignore[arg-type]  # _field names the fields of Lease with their own types


def statements(body: bytes) -> list[Statement]:
    """The simple statements of a record, each as its words; a string keeps its opening quote as a mark.

    Nested blocks (on expiry, …) are passed over.
    """
    found: list[Statement] = []
    current: Statement = []
    depth = 0
    for token in _WORD.finditer(body):
        quoted, mark, word = token.groups()
        if mark in (b"{", b"}"):
            depth += 1 if mark == b"{" else -1
            current = []
        elif depth == 0 and mark == b";":
            found.append(current)
            current = []
        elif depth == 0 and (quoted is not None or word or mark):
            current.append(b'"' + quoted if quoted is not None else word or mark)
    return [one for one in found if one]


def _field(words: Statement) -> dict[str, object]:
    head = [word.lower().decode("ascii", "replace") for word in words[:3]]
    key = head[0]
    if key in ("starts", "cltt"):
        return {"starts_at" if key == "starts" else "last_contact_at": date_of(words[1:])[0]}
    if key == "ends":
        end, never = date_of(words[1:])
        return {"ends_at": end, "never_ends": never}
    if "binding" in head[:2] and len(words) > head.index("binding") + 2:
        return _state(key, words[-1].lower().decode("ascii", "replace"))
    if key == "abandoned":
        return {"state": "abandoned"}
    return _identity(key, words)


def _state(key: str, named: str) -> dict[str, object]:
    field = {"binding": "state", "next": "next_state", "rewind": "rewind_state"}.get(key)
    return {field: STATES.get(named, named)} if field else {}


def _identity(key: str, words: Statement) -> dict[str, object]:
    if key == "hardware" and len(words) > 2:
        return {"mac": hex_of(words[2].decode("latin-1"))}
    if key == "uid" and len(words) > 1:
        value = words[1].decode("latin-1")
        return {"uid": value + '"' if value.startswith('"') else value}
    if key in ("client-hostname", "hostname") and len(words) > 1:
        return {"hostname": text(unescaped(words[1].removeprefix(b'"')))}
    if key == "set" and len(words) > 3 and words[1].lower() == b"vendor-class-identifier":
        return {"vendor_class": text(unescaped(words[3].removeprefix(b'"')))}
    return {}


def date_of(words: Statement) -> tuple[datetime | None, bool]:
    """(time, never). Words after the keyword: `never`, `epoch N`, or weekday, date, time and maybe an offset."""
    if words and words[0].lower() == b"never":
        return None, True
    try:
        if words and words[0].lower() == b"epoch":
            return datetime.fromtimestamp(int(words[1]), UTC), False
        day, clock = words[1], words[2]
        if int(day[:4]) >= _NEVER_FROM_YEAR:
            return None, True
        if not _DATE.fullmatch(day + b" " + clock):
            day, clock = _padded(day, b"/"), _padded(clock, b":")
        moment = datetime.fromisoformat(f"{day.replace(b'/', b'-').decode()}T{clock.decode()}+00:00")
        if len(words) > 3 and words[3].upper() not in (b"UTC", b"GMT"):
            moment += timedelta(seconds=int(words[3]))
    except (IndexError, ValueError, OverflowError, OSError):
        return None, False
    return moment, False


def plain_date(written: str) -> datetime | None:
    """The same for `2026/11/23 06:14:02`, the spelling of almost all, at a fifth of the cost; None means never.

    ValueError for a day or a time that there is not.
    """
    if written >= "2038":
        return None
    return datetime.fromisoformat(written.replace("/", "-") + "+00:00")


def _padded(written: bytes, between: bytes) -> bytes:
    return between.join(part.zfill(2) for part in written.split(between))


def text(value: bytes) -> str:
    """As UTF-8; bytes that are none are shown as \\xhh, so that nothing is lost and everything can be stored."""
    return value.decode("utf-8", "backslashreplace")
