"""A text or bytes column that is encrypted at rest. Plain values in, `Sealed` out, opened only by asking.

Encryption is Fernet (AES-128-CBC + HMAC-SHA256) from `cryptography`; settings.SECRET_KEYS holds the keys, the
first one writes, all of them read, so that a key can be rotated (`manage.py rotate_keys`) without a pause.
"""

from __future__ import annotations

from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

from hosts.errors import Explainable
from hosts.facts.words import gettext_noop, words


class CannotUnseal(Explainable):
    """A stored secret was sealed with a key that this panel does not have (any more)."""


def keyring() -> MultiFernet:
    """All keys of settings.SECRET_KEYS, the writing one first."""
    return MultiFernet([Fernet(key) for key in settings.SECRET_KEYS])


class Sealed:
    """An encrypted value. Its text form never shows what is inside."""

    __slots__ = ("token",)

    def __init__(self, token: bytes) -> None:
        self.token = token

    @classmethod
    def of(cls, plain: bytes | str) -> Sealed:
        """Seal a plain value."""
        return cls(keyring().encrypt(plain.encode() if isinstance(plain, str) else plain))

    def open(self) -> bytes:
        """The plain bytes; CannotUnseal where no key fits."""
        try:
            return keyring().decrypt(self.token)
        except InvalidToken:
            raise CannotUnseal(
                words(
                    gettext_noop(
                        "A stored secret cannot be opened: the key it was sealed with is not in SECRET_KEYS. "
                        "Add that key at the end of the list; nothing was lost."
                    )
                )
            ) from None

    def rotated(self) -> Sealed:
        """The same value sealed with the first key."""
        try:
            return Sealed(keyring().rotate(self.token))
        except InvalidToken:
            self.open()  # raises the words for it
            raise

    def __repr__(self) -> str:
        return "<sealed>"

    __str__ = __repr__


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """Stores a `Sealed`; anything plain is refused, so that nothing is written in the clear by accident."""

    def from_db_value(self, value: Any, *_: object) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def get_prep_value(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, Sealed):
            raise TypeError("only a Sealed can be stored here")
        return super().get_prep_value(value.token)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002
        token = value if prepared else self.get_prep_value(value)
        return super().get_db_prep_value(token, connection, prepared=True)

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError("a sealed value is not serialised")
