"""What a change was made for, as people wrote it, in; the address of the page that it means out."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from hosts.models import User


def address_of(reference: str, user: User) -> str:
    """A link as it is, else what an app of REFERENCE_PROVIDERS knows by these words and the person may see; else ""."""
    if not reference or reference.startswith(("https://", "http://")):
        return reference
    for path in settings.REFERENCE_PROVIDERS:
        found: str = import_string(path)(reference, user)
        if found:
            return found
    return ""
