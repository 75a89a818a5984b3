"""The tree of a dhcpd.conf in, its text out: rendering what was read from a rendered text gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable

from dhcp.facts.config import ConfFile, Statement

_INDENT = "    "
_APART = ("subnet", "subnet6", "shared-network", "host", "class", "group", "pool", "pool6", "failover", "key", "zone")


def dhcpd_conf(conf: ConfFile) -> str:
    """Four spaces for each level, one statement a line, declarations apart from each other by an empty line."""
    lines = [*_block(conf.statements, 0), *conf.closing]
    return "\n".join(lines) + "\n" if lines else ""


def _block(statements: Iterable[Statement], depth: int) -> list[str]:
    out: list[str] = []
    for statement in statements:
        if out and statement.block and statement.keyword in _APART:
            out.append("")
        out += _statement(statement, depth)
    return out


def _statement(statement: Statement, depth: int) -> list[str]:
    indent = _INDENT * depth
    out = [indent + comment for comment in statement.comments]
    remark = f" {statement.remark}" if statement.remark else ""
    if statement.block is None:
        return [*out, f"{indent}{statement.text};{remark}"]
    head = f"{statement.text} " if statement.text else ""
    inner = _block(statement.block, depth + 1) + [indent + _INDENT + comment for comment in statement.closing]
    if not inner:
        return [*out, f"{indent}{head}{{ }}{remark}"]
    return [*out, f"{indent}{head}{{", *inner, f"{indent}}}{remark}"]
