"""The value of a Date header, as RFC 5322 wants it or as programs write it, to a time in UTC. Never raises."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?(?:\s*\(.*\))?", re.IGNORECASE
)
_COLON_IN_ZONE = re.compile(r"([+-]\d\d):(\d\d)\b")
_HALF_DAY = re.compile(r"(\d{1,2})(:\d\d(?::\d\d)?)\s*([AP])\.?M\b\.?", re.IGNORECASE)
_YEARS_SINCE_1900 = re.compile(r"( [A-Za-z]{3} )(1\d\d)(?= )")
# Zones whose names mean one thing in mail and are not known to email.utils. IST, BST and the like mean several.
_ZONES = {
    "KST": "+0900", "JST": "+0900", "HKT": "+0800", "SGT": "+0800", "CET": "+0100", "MET": "+0100", "CEST": "+0200",
    "MEST": "+0200", "MESZ": "+0200", "MEZ": "+0100", "EET": "+0200", "EEST": "+0300", "MSK": "+0300", "WET": "+0000",
    "WEST": "+0100", "AEST": "+1000", "AEDT": "+1100", "NZST": "+1200", "NZDT": "+1300",
}  # fmt: skip
_ZONE_NAME = re.compile(rf"(?<=[\d ])({'|'.join(_ZONES)})(?=\W|\Z)")
_MONTHS = {
    "Mai": "May", "Okt": "Oct", "Dez": "Dec", "Mrz": "Mar", "Mär": "Mar", "Fév": "Feb", "Avr": "Apr", "Aoû": "Aug",
    "Déc": "Dec", "Ene": "Jan", "Abr": "Apr", "Ago": "Aug", "Dic": "Dec", "Mag": "May", "Giu": "Jun", "Lug": "Jul",
    "Set": "Sep", "Ott": "Oct", "Gen": "Jan", "Maj": "May", "Mei": "May",
}  # fmt: skip
_MONTH = re.compile(rf"(?<=\d[ -])({'|'.join(_MONTHS)})[a-zé.]{{0,10}}(?=[ -]\d)", re.IGNORECASE)


def mail_date(text: str) -> datetime | None:
    """None where it cannot be read or lies outside of 1970 to 2200. A time without a zone is taken for UTC."""
    text = re.sub(r"\s+", " ", text[:200]).strip()
    try:
        iso = _ISO.fullmatch(text)
        fields = _fields(" ".join(part for part in iso.groups() if part) if iso else text)
        if fields is None or not 1970 <= fields[0] <= 2200:
            return None
        zone = timezone(timedelta(seconds=fields[6]))
        return datetime(*fields[:5], min(fields[5], 59), tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


_Fields = tuple[int, int, int, int, int, int, int]
"""Year, month, day, hour, minute, second, and seconds east of Greenwich."""


def _fields(text: str) -> _Fields | None:
    plain = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d)(?::(\d\d))?(?: (.*))?", text)
    if plain:
        year, month, day, hour, minute, second = (int(number or 0) for number in plain.groups()[:6])
        return year, month, day, hour, minute, second, _offset(plain[7] or "")
    text = _COLON_IN_ZONE.sub(r"\1\2", text)
    text = _ZONE_NAME.sub(lambda match: _ZONES[match[1]], text)
    text = _MONTH.sub(lambda match: _MONTHS[match[1].capitalize()], text)
    text = _HALF_DAY.sub(_whole_day, text)
    text = _YEARS_SINCE_1900.sub(lambda match: f"{match[1]}{int(match[2]) + 1900}", text)
    found = parsedate_tz(text)
    return None if found is None else (*found[:6], found[9] or 0)


def _offset(zone: str) -> int:
    digits = zone.replace(":", "")
    if not re.fullmatch(r"[+-]\d{4}", digits):
        return 0
    seconds = int(digits[1:3]) * 3600 + int(digits[3:]) * 60
    return -seconds if digits[0] == "-" else seconds


def _whole_day(match: re.Match[str]) -> str:
    hour = int(match[1]) % 12 + (12 if match[3] in "Pp" else 0)
    return f"{hour:02d}{match[2]}"
