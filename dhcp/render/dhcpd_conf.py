"""The tree of a dhcpd.conf in, its text out: rendering what was read from a rendered text gives the same bytes."""

from __future__ import annotations

from dhcp.facts.config import ConfFile, lines_of


def dhcpd_conf(conf: ConfFile) -> str:
    """Four spaces for each level, one statement a line, declarations apart from each other by an empty line."""
    lines = [*lines_of(conf.statements), *conf.closing]
    return "\n".join(lines) + "\n" if lines else ""
