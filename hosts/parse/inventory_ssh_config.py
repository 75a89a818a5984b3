"""`~/.ssh/config` (ssh_config(5)) to an inventory: each Host without wildcards, with what applies to it."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from hosts.facts.inventory import Inventory
from hosts.facts.words import gettext_noop, words
from hosts.parse.inventory import Draft, Taker, text_and_encoding

_LINE = re.compile(r"\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*?)\s*")
_THROUGH = re.compile(
    r"\bssh\b.*?\s(?:-W\s*\[?%h\]?:%p\s+(\S+)|([^\s-]\S*)\s+-W\s*\[?%h\]?:%p|([^\s-]\S*)\s+(?:nc|netcat)\s)"
)
_TAKEN = frozenset({"hostname", "port", "user", "proxyjump", "proxycommand", "identityfile"})


@dataclass(slots=True)
class _Block:
    """The lines under one Host, with its patterns; `ignored` for Match."""

    line: int
    patterns: list[str]
    ignored: bool = False
    values: dict[str, str] = field(default_factory=dict)

    def applies(self, alias: str) -> bool:
        if self.ignored or any(p[0] == "!" and fnmatchcase(alias, p[1:]) for p in self.patterns):
            return False
        return any(p[0] != "!" and fnmatchcase(alias, p) for p in self.patterns)


def inventory_ssh_config(data: bytes) -> Inventory:
    """One host for each name in a Host line that is no pattern. As in ssh the first value that applies counts.

    Match blocks and Include lines are named and left out; other keywords (ForwardAgent...) are listed once.
    """
    text, encoding = text_and_encoding(data)
    taker = Taker("ssh_config", encoding)
    blocks = _blocks(text, taker)
    for block in blocks:
        for alias in block.patterns:
            if not block.ignored and alias[0] != "!" and not re.search(r"[*?]", alias):
                taker.take(_draft(alias, block.line, blocks))
    return taker.inventory()


def _blocks(text: str, taker: Taker) -> list[_Block]:
    blocks = [_Block(1, ["*"])]
    other: Counter[str] = Counter()
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            taker.say(number, words(gettext_noop("This line is not understood: %(text)s"), text=line.strip()[:100]))
            continue
        keyword, value = match[1].lower(), match[2]
        if keyword in {"host", "match"}:
            blocks.append(_Block(number, _words(value), ignored=keyword == "match"))
            if keyword == "match":
                taker.say(number, words(gettext_noop("The block “Match %(what)s” was left out."), what=value[:100]))
        elif keyword == "include":
            what = gettext_noop("Include %(what)s was not read; import that file on its own.")
            taker.say(number, words(what, what=value[:100]))
        elif keyword in _TAKEN:
            blocks[-1].values.setdefault(keyword, " ".join(_words(value)))
        else:
            other[match[1]] += 1
    if other:
        what = gettext_noop("Not taken over, because the panel does not need it: %(keywords)s.")
        taker.say(0, words(what, keywords=", ".join(sorted(other))))
    return blocks


def _words(value: str) -> list[str]:
    try:
        return [word for word in shlex.split(value, comments=True) if word]
    except ValueError:  # a quote that is not closed
        return value.split()


def _draft(alias: str, line: int, blocks: list[_Block]) -> Draft:
    values: dict[str, str] = {}
    for block in blocks:
        if block.applies(alias):
            for keyword, value in block.values.items():
                values.setdefault(keyword, value)
    identity = values.get("identityfile", "")
    return Draft(
        name=alias,
        address=values.get("hostname", alias).replace("%h", alias).replace("%%", "%"),
        port=values.get("port", ""),
        username=values.get("user", ""),
        jump=_jump(values),
        notes=[f"IdentityFile {identity}"] if identity else [],
        line=line,
    )


def _jump(values: dict[str, str]) -> str:
    if "proxyjump" in values:
        return values["proxyjump"].replace(" ", "")
    return through(values.get("proxycommand", ""))


def through(proxy_command: str) -> str:
    """The host that a ProxyCommand of the usual form goes through: `ssh -W %h:%p kim@bastion`."""
    match = _THROUGH.search(proxy_command[:1000])
    return next((group.strip("\"'") for group in match.groups() if group), "") if match else ""
