"""File contents: kept once by digest, sealed."""

from __future__ import annotations

import hashlib

from hosts.models import FileContent
from hosts.models.sealed import Sealed


def keep_content(data: bytes) -> FileContent:
    """The row that holds these bytes, made if need be. Two at once get the same row."""
    digest = hashlib.sha256(data).hexdigest()
    found = FileContent.objects.filter(pk=digest).first()
    if found:
        return found
    return FileContent.objects.get_or_create(pk=digest, defaults={"size": len(data), "sealed": Sealed.of(data)})[0]
