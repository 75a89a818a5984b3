"""The keys that sign Message-IDs, made from SECRET_KEYS: the only place that makes them."""

from __future__ import annotations

from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

KEY_BYTES = 32
PURPOSE = b"rackdesk mail tags"


def mail_keys() -> tuple[bytes, ...]:
    """One key for each of SECRET_KEYS, in their order: the first signs, all of them are believed."""
    return _derived(tuple(str(key) for key in settings.SECRET_KEYS))


@lru_cache(maxsize=8)
def _derived(secrets: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(
        HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=PURPOSE).derive(secret.encode())
        for secret in secrets
    )
