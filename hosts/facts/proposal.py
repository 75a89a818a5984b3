"""What is proposed for one host: the bundle, and what a person should know of it."""

from __future__ import annotations

from dataclasses import dataclass

from hosts.facts.change import Bundle
from hosts.facts.words import Words


@dataclass(frozen=True, slots=True)
class Meaning:
    """One line of "what this will do". `sign`: add, take, same, heed (look out), info."""

    sign: str
    words: Words


@dataclass(frozen=True, slots=True)
class Edit:
    """A file whose wanted content is made from the live one: `line` is there once afterwards, the rest as it was."""

    path: str
    line: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A bundle with its title and meaning. A file named in `edits` has no content of its own in the bundle yet.

    `reference` is by what an upper app finds the change again ("dhcp.server:3:17"); it follows what a person gives.
    """

    title: str | Words
    bundle: Bundle
    means: tuple[Meaning, ...] = ()
    edits: tuple[Edit, ...] = ()
    reference: str = ""
