"""A message of a log as JSON, to be kept in a row, and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dhcp.choices import Message
from dhcp.facts.logs import LogLine

_TEXTS = ("mac", "ip", "hostname", "via", "server", "note", "source", "duid", "iaid")


def line_as_json(line: LogLine) -> dict[str, Any]:
    """{"message", "at" (ISO 8601), …}; what a line does not say is left out."""
    row: dict[str, Any] = {"message": line.message.value}
    if line.at is not None:
        row["at"] = line.at.isoformat()
    for name in _TEXTS:
        if value := getattr(line, name):
            row[name] = value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return row


def line_from_json(row: dict[str, Any]) -> LogLine:
    """What `line_as_json` made; the number and the stamp of the line are not kept."""
    at = row.get("at")
    return LogLine(
        message=Message(row["message"]),
        number=0,
        at=datetime.fromisoformat(at) if at else None,
        note=row.get("note", ""),
        source=row.get("source", ""),
        mac=row.get("mac"),
        ip=row.get("ip"),
        hostname=row.get("hostname"),
        via=row.get("via"),
        server=row.get("server"),
        duid=row.get("duid"),
        iaid=row.get("iaid"),
    )
