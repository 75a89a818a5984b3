"""Where a host is and how it is spoken to: all that `outside` may know of it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PinnedKey:
    """A host key a person accepted: type as on the wire (ssh-ed25519), base64 of the public blob."""

    key_type: str
    public: str


@dataclass(frozen=True, slots=True)
class Login:
    """How the panel proves who it is: exactly one of `private_key` (PEM/OpenSSH text) and `password`."""

    username: str
    private_key: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class HostFacts:
    """One host as `outside` sees it. `jump` is the host to go through, itself pinned and logged in to."""

    id: int
    name: str
    address: str
    port: int
    login: Login
    sudo: bool = False
    keys: tuple[PinnedKey, ...] = ()
    jump: HostFacts | None = None
