"""The words of one lease record in, a Lease out; what the record says wrongly is None, never an error.

Source: dhcpd.leases(5) and server/confpars.c of ISC DHCP 4.4: keywords in any case; years from 2038 on mean never;
`epoch N` is Unix time; an offset after the time is added; strings carry octal escapes.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from dhcp.facts.lease import Lease

_WORD = re.compile(rb"#[^\n]*|\"((?:[^\"\\\n]|\\[^\n])*)\"|([{};=])|([^\s\"{};=#]+)")
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
_OCTAL_ONLY = re.compile(rb"[^\\]*+(?:\\[0-3][0-7]{2}[^\\]*+)*+")
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b"}
_CANONICAL = re.compile(
    rb"(?:  starts \d ([0-9/]{10} [0-9:]{8});\n)?+(?:  ends (?:\d ([0-9/]{10} [0-9:]{8})|(never));\n)?+"
    rb"(?:  (?:tstp|tsfp|atsfp) [^\n;]*;\n)*+(?:  cltt \d ([0-9/]{10} [0-9:]{8});\n)?+"
    rb"  binding state ([a-z]+);\n(?:  next binding state ([a-z]+);\n)?+(?:  rewind binding state ([a-z]+);\n)?+"
    rb"(?:  billing [^\n]*;\n)?+(?:  hardware ethernet ([0-9a-f:]{17});\n)?+(?:  uid (?:\"([^\"\\]*(?:\\.[^\"\\]*)*+)\""
    rb"|([0-9a-f:]+));\n)?+"
    rb"(?:  set (?!vendor-class-identifier )[^\n\"]*(?:\"[^\"\\]*(?:\\.[^\"\\]*)*\")?;\n)*+"
    rb"(?:  set vendor-class-identifier = \"([^\"\\]*(?:\\.[^\"\\]*)*+)\";\n)?+"
    rb"(?:  option agent[^\n\"]*\"[^\"\\\n]*\";\n)*+"
    rb"(?:  client-hostname \"([^\"\\]*+)\";\n)?+"
)
_DATE = re.compile(rb"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d")
_NEVER_FROM_YEAR = 2038
_STATES = {"reserved": "active", "bootp": "active"}
Statement = list[bytes]


def lease(ip: str, body: bytes) -> Lease:
    """`body` is what stands between the braces of `lease ip { }`."""
    found = _CANONICAL.match(body)
    if found and found.end() == len(body):
        return _of_canonical(ip, found)
    return _of_statements(ip, statements(body))


def _of_canonical(ip: str, found: re.Match[bytes]) -> Lease:
    starts, ends, never, cltt, state, following, rewind, mac, uid, uid_hex, vendor, hostname = found.groups()
    end, ends_never = (None, never is not None) if ends is None else _plain_date(ends)
    start = _plain_date(starts)[0] if starts else None
    named = state.decode()
    return Lease(
        ip,
        start,
        end,
        _STATES.get(named, named),
        following.decode() if following else None,
        mac.decode() if mac else None,
        uid_hex.decode() if uid_hex and len(uid_hex) % 3 == 2 else _client_id(uid, uid_hex),
        text(hostname) if hostname is not None else None,
        text(unescaped(vendor)) if vendor is not None else None,
        ends_never,
        rewind.decode() if rewind else None,
        start if cltt == starts else _plain_date(cltt)[0] if cltt else None,
    )


def _client_id(quoted: bytes | None, bare: bytes | None) -> str | None:
    if quoted is not None:
        return unescaped(quoted).hex(":")
    return None if bare is None else _hex_words(bare)


def _hex_words(bare: bytes) -> str | None:
    parts = bare.decode("ascii", "replace").lower().split(":")
    if not all(re.fullmatch(r"[0-9a-f]{1,2}", part) for part in parts):
        return None
    return ":".join(part.zfill(2) for part in parts)


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


def _of_statements(ip: str, said: list[Statement]) -> Lease:
    fields: dict[str, object] = {}
    for words in said:
        fields.update(_field(words))
    return Lease(ip, **fields)  # type: ignore[arg-type]  # _field names the fields of Lease with their own types


def _field(words: Statement) -> dict[str, object]:
    head = [word.lower().decode("ascii", "replace") for word in words[:3]]
    key = head[0]
    if key in ("starts", "cltt"):
        return {"starts_at" if key == "starts" else "last_contact_at": _date(words[1:])[0]}
    if key == "ends":
        end, never = _date(words[1:])
        return {"ends_at": end, "never_ends": never}
    if "binding" in head[:2] and len(words) > head.index("binding") + 2:
        return _state(key, words[-1].lower().decode("ascii", "replace"))
    if key == "abandoned":
        return {"state": "abandoned"}
    return _identity(key, words)


def _state(key: str, named: str) -> dict[str, object]:
    field = {"binding": "state", "next": "next_state", "rewind": "rewind_state"}.get(key)
    return {field: _STATES.get(named, named)} if field else {}


def _identity(key: str, words: Statement) -> dict[str, object]:
    if key == "hardware" and len(words) > 2:
        return {"mac": _hex_words(words[2])}
    if key == "uid" and len(words) > 1:
        value = words[1]
        return {"client_id": _client_id(value[1:], None) if value[:1] == b'"' else _client_id(None, value)}
    if key in ("client-hostname", "hostname") and len(words) > 1:
        return {"hostname": text(unescaped(words[1].removeprefix(b'"')))}
    if key == "set" and len(words) > 3 and words[1].lower() == b"vendor-class-identifier":
        return {"vendor_class": text(unescaped(words[3].removeprefix(b'"')))}
    return {}


def _date(words: Statement) -> tuple[datetime | None, bool]:
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


def _plain_date(written: bytes) -> tuple[datetime | None, bool]:
    """The same for `2026/11/23 06:14:02`, the spelling of almost all, at a fifth of the cost."""
    if written >= b"2038":
        return None, True
    try:
        return datetime.fromisoformat(written.decode().replace("/", "-") + "+00:00"), False
    except ValueError:
        return _date([b"0", *written.split()])


def _padded(written: bytes, between: bytes) -> bytes:
    return between.join(part.zfill(2) for part in written.split(between))


def unescaped(written: bytes) -> bytes:
    """What a quoted text stands for: \\ooo octal, \\xhh, \\n \\r \\t \\b, any other character itself."""
    if b"\\" not in written:
        return written
    if _OCTAL_ONLY.fullmatch(written):  # as dhcpd writes them; Python's own reader is four times as fast
        return written.decode("unicode_escape").encode("latin-1")
    return _ESCAPE.sub(_one_escape, written)


def _one_escape(found: re.Match[bytes]) -> bytes:
    octal, hexadecimal, letter = found.groups()
    if letter:
        return _LETTERS.get(letter, letter)
    return bytes([int(octal, 8) & 255 if octal else int(hexadecimal, 16)])


def text(value: bytes) -> str:
    """As UTF-8; bytes that are none are shown as \\xhh, so that nothing is lost and everything can be stored."""
    return value.decode("utf-8", "backslashreplace")
