"""What a host answers when it is asked to do something about an address."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from hosts.facts.words import Words


class Heard(StrEnum):
    """Whether somebody has an address. NEIGHBOUR: no ping comes back, but the wire knows a machine with it."""

    ANSWERS = "answers"
    NEIGHBOUR = "neighbour"
    SILENT = "silent"
    NOT_ASKED = "not-asked"


@dataclass(frozen=True, slots=True)
class PingAnswer:
    """Of one address. `mac` is known where the host is on the same wire. NOT_ASKED: the host has no way there."""

    ip: str
    heard: Heard
    mac: str | None = None

    @property
    def is_free(self) -> bool:
        """Nobody was heard; whether a lease or a reservation holds it is another question."""
        return self.heard is Heard.SILENT


class ReleaseState(StrEnum):
    """What came of releasing a lease. UNKNOWN: the host stopped telling; all others but RELEASED changed nothing."""

    RELEASED = "released"
    NOT_LEASED = "not-leased"
    OTHER_CLIENT = "other-client"
    NOT_POSSIBLE = "not-possible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Omapi:
    """The way into a running dhcpd, as its dhcpd.conf declares it. Without a key's name none is used."""

    port: int = 7911
    key_name: str = ""
    algorithm: str = "hmac-md5"
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class KeaSocket:
    """Kea's control socket, as its configuration declares it."""

    path: str


@dataclass(frozen=True, slots=True)
class Release:
    """How releasing ended, in words for the person who asked."""

    state: ReleaseState
    words: Words
