"""Groups, hosts and variables of an Ansible inventory, whichever format they were written in.

Precedence as Ansible merges an inventory: all, then groups from parents to children (by depth, then name), then the
host's own. Patterns such as web[01:50:2].example.com stand for every name they make.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words
from hosts.parse.inventory import MOST_HOSTS, Draft, Taker, host_and_port, role
from hosts.parse.inventory_ssh_config import through

_RANGE = re.compile(r"\[([0-9]+|[A-Za-z]):([0-9]+|[A-Za-z])(?::([0-9]+))?\]")
_SECRET = re.compile(r"pass(word)?$|_pass_|password|secret|token|vault", re.IGNORECASE)
_UNDERSTOOD = {
    "address": ("ansible_host", "ansible_ssh_host"),
    "port": ("ansible_port", "ansible_ssh_port"),
    "username": ("ansible_user", "ansible_ssh_user", "ansible_remote_user"),
    "sudo": ("ansible_become", "ansible_sudo"),
    "key": ("ansible_ssh_private_key_file", "ansible_private_key_file"),
    "arguments": ("ansible_ssh_common_args", "ansible_ssh_extra_args", "ansible_ssh_args"),
    "connection": ("ansible_connection",),
}
_READ = frozenset(name for names in _UNDERSTOOD.values() for name in names)
_HARMLESS = frozenset(
    ["ansible_python_interpreter", "ansible_become_method", "ansible_become_user", "ansible_shell_type"]
)
MOST_GROUPS = 2000
_NO_TAG = frozenset({"all", "ungrouped"})


@dataclass(slots=True)
class Group:
    """A group: its hosts (name -> nothing, ordered), children and variables."""

    hosts: dict[str, None] = field(default_factory=dict)
    children: dict[str, None] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Groups:
    """An inventory as written: groups by name, each host's own variables and the line it was first named in."""

    groups: dict[str, Group] = field(default_factory=dict)
    own: dict[str, dict[str, str]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    named: int = 0

    def group(self, name: str) -> Group:
        """The group, made where it is new."""
        if len(self.groups) > MOST_GROUPS:
            raise BadInput(
                words(
                    gettext_noop("The inventory has more than %(most)s groups. Nothing was imported; split it."),
                    most=MOST_GROUPS,
                )
            )
        return self.groups.setdefault(name, Group())

    def add_hosts(self, group: str, pattern: str, variables: dict[str, str], line: int) -> None:
        """Every host of a pattern, in a group, with variables of its own."""
        names, port = pattern_and_port(pattern)
        for name in expanded(names):
            self.named += 1
            if self.named > MOST_HOSTS * 20:
                raise BadInput(
                    words(
                        gettext_noop("Line %(line)s: the patterns stand for too many hosts. Nothing was imported."),
                        line=line,
                    )
                )
            self.group(group).hosts[name] = None
            self.lines.setdefault(name, line)
            own = self.own.setdefault(name, {})
            own.update({"ansible_port": port} if port else {})
            own.update(variables)


def pattern_and_port(pattern: str) -> tuple[str, str]:
    """("web[01:50]", "2222") from "web[01:50]:2222"; an address in brackets loses them."""
    if _RANGE.search(pattern):
        names, colon, port = pattern.rpartition(":")
        return (
            (names, port)
            if colon and port.isdigit() and "[" in names and names.count("[") == names.count("]")
            else (pattern, "")
        )
    return host_and_port(pattern)


def expanded(pattern: str) -> Iterator[str]:
    """web[01:03] -> web01 web02 web03; [a:c]; a third number is the step. Ends a little over MOST_HOSTS names."""
    waiting = [pattern]
    made = 0
    while waiting and made <= MOST_HOSTS:
        name = waiting.pop()
        match = _RANGE.search(name)
        values = _values(match) if match else None
        if match is None or values is None:
            made += 1
            yield name
        else:
            waiting += [name[: match.start()] + value + name[match.end() :] for value in reversed(values)]


def _values(match: re.Match[str]) -> list[str] | None:
    first, last, step = match[1], match[2], int((match[3] or "1")[:9]) or 1
    if first.isdigit() and last.isdigit():
        width = len(first) if first.startswith("0") else 0
        numbers = range(int(first[:9]), int(last[:9]) + 1, step)[: MOST_HOSTS + 1]
        return [str(number).zfill(width) for number in numbers]
    if first.isalpha() and last.isalpha():
        return [chr(number) for number in range(ord(first), ord(last) + 1, step)]
    return None


def take_groups(found: Groups, taker: Taker) -> None:
    """Every host of the groups into the taker, with the variables that are in force for it."""
    order = _from_parents_to_children(found)
    parents = _parents(found)
    above = {name: _ancestors(parents, name) for name in found.groups}
    member_of: dict[str, set[str]] = {name: set() for name in found.lines}
    for name, group in found.groups.items():
        for host in group.hosts:
            member_of[host] |= above[name] | {name}
    for host, groups in member_of.items():
        variables = dict(found.group("all").variables)
        mine = [name for name in order if name in groups]
        for name in mine:
            variables.update(found.groups[name].variables)
        variables.update(found.own.get(host, {}))
        _take(host, found.lines[host], mine, variables, taker)


def _parents(found: Groups) -> dict[str, list[str]]:
    parents: dict[str, list[str]] = {}
    for parent, group in found.groups.items():
        for child in group.children:
            parents.setdefault(child, []).append(parent)
    return parents


def _ancestors(parents: dict[str, list[str]], name: str) -> set[str]:
    above: set[str] = set()
    waiting = [name]
    while waiting:
        new = set(parents.get(waiting.pop(), ())) - above - {name}
        above |= new
        waiting += new
    return above


def _from_parents_to_children(found: Groups) -> list[str]:
    """By the longest way down from the top, then by name; groups in a circle come where they come."""
    depth = dict.fromkeys(found.groups, 0)
    for _ in found.groups:
        moved = False
        for parent, group in found.groups.items():
            for child in group.children:
                if child in depth and depth[child] <= depth[parent] < len(depth):
                    depth[child], moved = depth[parent] + 1, True
        if not moved:
            break
    return sorted(found.groups, key=lambda name: (name != "all", depth[name], name))


def _take(host: str, line: int, groups: list[str], variables: dict[str, str], taker: Taker) -> None:
    known = {
        key: next((variables[name] for name in names if variables.get(name)), "") for key, names in _UNDERSTOOD.items()
    }
    if known["connection"] not in {"", "ssh", "smart", "paramiko", "paramiko_ssh", "ansible.netcommon.libssh"}:
        what = gettext_noop("%(name)s is reached by “%(connection)s”, not by SSH.")
        taker.say(line, words(what, name=host, connection=known["connection"][:50]), lost=True)
        return
    _say_what_is_left(line, variables, taker)
    unreadable = [key for key in ("address", "port", "username") if "{{" in known[key]]
    if unreadable:
        what = gettext_noop("%(name)s: “%(value)s” is a template, which only Ansible can fill in.")
        taker.say(line, words(what, name=host, value=known[unreadable[0]][:100]), lost=True)
        return
    tags = [name for name in groups if name not in _NO_TAG]
    user, key = _from_arguments(known["arguments"])
    taker.take(
        Draft(
            name=host,
            address=known["address"],
            port=known["port"],
            username=known["username"] or user,
            sudo=known["sudo"],
            roles=[name for name in tags if role(name)],
            tags=[name for name in tags if not role(name)],
            jump=_jump(known["arguments"]),
            notes=[f"IdentityFile {path}" for path in (known["key"] or key,) if path],
            line=line,
        )
    )


def _say_what_is_left(line: int, variables: dict[str, str], taker: Taker) -> None:
    secrets = sorted(name for name in variables if _SECRET.search(name))
    rest = sorted(set(variables) - _READ - _HARMLESS - set(secrets))
    if secrets:
        what = gettext_noop("Passwords are not taken from a file: %(names)s. Choose a credential for the hosts.")
        taker.say(line, words(what, names=", ".join(secrets)[:500]))
    if rest:
        taker.say(
            line, words(gettext_noop("Variables that were not taken over: %(names)s."), names=", ".join(rest)[:500])
        )


def _split(arguments: str) -> list[str]:
    try:
        return shlex.split(arguments)
    except ValueError:  # a quote that is not closed
        return arguments.split()


def _jump(arguments: str) -> str:
    """The jump hosts in ssh's own arguments: -J x, -oProxyJump=x, -o ProxyJump=x, -o ProxyCommand="ssh -W ..."."""
    parts = _split(arguments)
    for at, part in enumerate(parts):
        after = parts[at + 1] if at + 1 < len(parts) else ""
        if part.startswith("-J"):
            return part[2:] or after
        option = after if part == "-o" else part.removeprefix("-o")
        name, _, value = option.partition("=")
        if name.strip().lower() == "proxyjump":
            return value.strip()
        if name.strip().lower() == "proxycommand":
            return through(value)
    return ""


def _from_arguments(arguments: str) -> tuple[str, str]:
    """(user, identity file) from -l and -i."""
    parts = _split(arguments)
    after = dict(pairwise(parts))
    return after.get("-l", ""), after.get("-i", "")
