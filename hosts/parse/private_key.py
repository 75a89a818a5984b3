"""Read a private key that a person pasted: its text and passphrase go in, the key or BadInput comes out."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from hosts.errors import BadInput
from hosts.facts.machine import PinnedKey
from hosts.facts.words import Words, gettext_noop, words

PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey
KINDS = (Ed25519PrivateKey, EllipticCurvePrivateKey, RSAPrivateKey)
PUTTY = "PuTTY-User-Key-File-"
OPENSSH = "-----BEGIN OPENSSH PRIVATE KEY-----"
PUBLIC = ("ssh-", "ecdsa-", "sk-", "-----BEGIN PUBLIC KEY", "---- BEGIN SSH2 PUBLIC KEY")


@dataclass(frozen=True, slots=True)
class PrivateKeyFacts:
    """A key that was read. `public_line` is `type base64`, the line for authorized_keys without a comment."""

    key: PrivateKey = field(repr=False)
    public_line: str

    @property
    def fingerprint(self) -> str:
        """`SHA256:...`, as `ssh-keygen -l` shows it."""
        return PinnedKey(*self.public_line.split()).fingerprint


def private_key(text: str, passphrase: str = "") -> PrivateKeyFacts:
    """The key in `text`: ed25519, ECDSA or RSA; in OpenSSH, PKCS #1, SEC 1 or PKCS #8 form (RFC 7468).

    A passphrase that the key does not need is not minded. BadInput says which of the two is wrong; its
    `field` is `key_text` or `passphrase`.
    """
    tidy = "\n".join(line.strip() for line in text.strip().lstrip("\ufeff").splitlines()) + "\n"
    _refuse_what_is_no_private_key(tidy)
    key = _load(tidy, passphrase)
    if not isinstance(key, KINDS):
        raise _bad(words(gettext_noop("Keys of this type are not used any more. Make an ed25519 key.")))
    line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode("ascii")
    return PrivateKeyFacts(key, line)


def _refuse_what_is_no_private_key(text: str) -> None:
    if text.startswith(PUTTY):
        raise _bad(
            words(gettext_noop("This is a PuTTY key. Convert it first: puttygen key.ppk -O private-openssh -o key"))
        )
    if text.startswith(PUBLIC):
        raise _bad(words(gettext_noop("This is the public half. Paste the private key, the file without .pub.")))
    if not text.startswith("-----BEGIN "):
        raise _bad(
            words(
                gettext_noop("This is not a private key. It begins with a line like %(line)s."),
                line=OPENSSH,
            )
        )


def _load(text: str, passphrase: str) -> object:
    load = load_ssh_private_key if text.startswith(OPENSSH) else load_pem_private_key
    data = text.encode()
    if passphrase:
        try:
            return load(data, passphrase.encode())
        except TypeError:  # a passphrase for a key that has none
            pass
        except (ValueError, UnsupportedAlgorithm) as error:
            if not _is_encrypted(text):
                raise _damaged() from error
            raise BadInput(
                words(gettext_noop("The passphrase does not open this private key.")), field="passphrase"
            ) from error
    try:
        return load(data, None)
    except TypeError as error:
        raise BadInput(
            words(gettext_noop("This private key is locked. Type its passphrase as well.")),
            field="passphrase",
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _damaged() from error


def _is_encrypted(text: str) -> bool:
    """Whether it takes a passphrase to read it; found by trying without one."""
    try:
        load = load_ssh_private_key if text.startswith(OPENSSH) else load_pem_private_key
        load(text.encode(), None)
    except TypeError:
        return True
    except (ValueError, UnsupportedAlgorithm):
        return False
    return False


def _damaged() -> BadInput:
    return _bad(
        words(
            gettext_noop(
                "This private key cannot be read: it is damaged, cut short or of an unknown kind. Paste the whole file."
            )
        )
    )


def _bad(sentence: Words) -> BadInput:
    return BadInput(sentence, field="key_text")
