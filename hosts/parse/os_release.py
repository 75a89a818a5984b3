"""os-release(5) text to its values."""

from __future__ import annotations

import re

from hosts.parse.reading import first_values, pairs

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def os_release(text: str) -> dict[str, str]:
    """{"ID": "debian", "PRETTY_NAME": "Debian GNU/Linux 12 (bookworm)", ...}; quotes taken off, comments left out."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return {key: _unquoted(value) for key, value in first_values(pairs(lines, "=")).items()}


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] == "'":
        return value[1:-1]
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return _ESCAPE.sub(r"\1", value[1:-1])
    return value
