"""Hosts as a list from outside names them, before they are rows."""

from __future__ import annotations

from dataclasses import dataclass

from hosts.facts.words import Words


@dataclass(frozen=True, slots=True)
class ImportedHost:
    """One host of an inventory, checked: it fits the columns of a host. `roles` are values of HostRole, `jump` is the
    name of another host of the same inventory or of the panel, `line` where it stands (from 1, 0: nowhere).
    """

    name: str
    address: str
    port: int = 22
    username: str = "root"
    sudo: bool = False
    roles: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    jump: str = ""
    notes: str = ""
    site: str = ""
    organization: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was not taken over as it stood. With `lost` the host itself is missing from the result;
    otherwise only what the words name (a column, a variable, a badly written role)."""

    line: int
    words: Words
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Inventory:
    """What an inventory came to. `kind` is csv, ansible_ini, ansible_yaml or ssh_config, `encoding` how its bytes
    were read. What is neither in `hosts` nor named in `problems` was not in the file."""

    kind: str
    hosts: tuple[ImportedHost, ...] = ()
    problems: tuple[Problem, ...] = ()
    encoding: str = "utf-8"
