"""One statement of a dhcpd.conf in; its words, its network, the ends of its range out."""

from __future__ import annotations

from dhcp.facts.config import Statement
from dhcp.facts.quoted import unescaped
from dhcp.parse.addresses import Address, Network, address, network


def word(statement: Statement, number: int) -> str:
    """The word at that place, without quotes; "" where there is none."""
    return bare(statement.words[number]) if len(statement.words) > number else ""


def bare(written: str) -> str:
    """Without the quotes around it and the escapes in it; a text with bytes that are no letters keeps its escapes."""
    if len(written) < 2 or not written.startswith('"'):
        return written
    inner = written[1:-1]
    try:
        return unescaped(inner.encode("utf-8", "surrogateescape")).decode("utf-8") if "\\" in inner else inner
    except UnicodeDecodeError:
        return inner


def rest(statement: Statement, after: int) -> str:
    """What is written after so many words, as it is written."""
    text = statement.text
    for word in statement.words[:after]:
        text = text.lstrip()[len(word) :]
    return text.strip()


def network_of(statement: Statement) -> Network | None:
    """Of a subnet or subnet6; None where number and mask do not fit."""
    said = statement.words
    if statement.keyword == "subnet6":
        number, _, length = word(statement, 1).partition("/")
        return network(number, length or word(statement, 2).lstrip("/"))
    if len(said) != 4 or said[2].lower() != "netmask":
        return None
    return network(said[1], said[3])


def ends(statement: Statement) -> tuple[list[Address], int | None]:
    """The addresses of a range, and the length of delegated prefixes."""
    said = [word for word in statement.words[1:] if word.lower() not in ("dynamic-bootp", "temporary")]
    length = None
    if said and "/" in said[-1]:
        head, _, tail = said.pop().rpartition("/")
        said += [head] if head else []
        length = int(tail) if tail.isascii() and tail.isdigit() else None
    ends = [found for found in map(address, said) if found]
    if len(ends) != len(said) or not 1 <= len(ends) <= 2:
        return [], None
    if statement.keyword == "prefix6" or length is None:
        return ends, length
    block = network(str(ends[0]), str(length))
    return ([block[0], block[-1]] if block else []), None
