"""Keys as paramiko wants them: the text of a credential goes in, a key that can sign comes out."""

from __future__ import annotations

import io
import threading

import paramiko
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from hosts.facts.machine import Login
from hosts.parse.private_key import private_key

KEEP_AT_MOST = 64


class KeyRing:
    """Private keys that were read already, because a passphrase takes a tenth of a second to try, by design.

    Fifty pushes that begin at once with one locked key open it once, not fifty times.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[Login, paramiko.PKey] = {}

    def key(self, login: Login) -> paramiko.PKey:
        """The signing key of `login`; BadInput if its text or passphrase is wrong."""
        with self._lock:
            key = self._keys.get(login)
            if key is None:
                key = self._keys[login] = _readable(login)
                if len(self._keys) > KEEP_AT_MOST:
                    del self._keys[next(iter(self._keys))]
            return key


def _readable(login: Login) -> paramiko.PKey:
    # paramiko reads fewer formats than cryptography, so the key goes through the one form both know.
    key = private_key(login.private_key, login.passphrase).key
    text = io.StringIO(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode("ascii"))
    if isinstance(key, RSAPrivateKey):
        return paramiko.RSAKey.from_private_key(text)
    if isinstance(key, EllipticCurvePrivateKey):
        return paramiko.ECDSAKey.from_private_key(text)
    return paramiko.Ed25519Key.from_private_key(text)
