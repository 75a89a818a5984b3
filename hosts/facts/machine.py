"""Where a host is and how it is spoken to: all that `outside` may know of it."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PinnedKey:
    """A host key a person accepted: type as on the wire (ssh-ed25519), base64 of the public blob."""

    key_type: str
    public: str

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` shows it: `SHA256:` and 43 characters. The empty string if `public` is not base64."""
        try:
            digest = hashlib.sha256(base64.b64decode(self.public)).digest()
        except binascii.Error:
            return ""
        return "SHA256:" + base64.b64encode(digest).decode("ascii").rstrip("=")


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
