"""Single values on the wire: rows one may see, permission bits, bytes, stored sentences, states."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from hosts.facts.words import sentence_of
from hosts.rules.progress import tone_of

MOST_MODE = 0o7777


@extend_schema_field(OpenApiTypes.INT)
class VisibleRow(serializers.PrimaryKeyRelatedField[Any]):
    """The id of a row that the asker may see. Any other id is answered like one that does not exist.

    What the row being changed already holds may stay as it is, seen or not.
    """

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        request = self.context.get("request")
        if rows is None or request is None or not hasattr(rows, "visible_to"):
            return rows
        return rows.visible_to(request.user)

    def to_internal_value(self, data: Any) -> Any:
        row = getattr(self.root, "instance", None)
        kept = getattr(row, self.source, None) if row is not None and self.source else None
        if kept is not None and str(kept.pk) == str(data):
            return kept
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "pattern": "^[0-7]{3,4}$", "example": "0644"})
class ModeField(serializers.Field[int, str, str, Any]):
    """Permission bits as people write them: "0644"."""

    default_error_messages = {"mode": _("Permission bits are three or four octal digits, such as 0644.")}

    def to_internal_value(self, data: Any) -> int:
        text = str(data)
        if not (3 <= len(text) <= 5 and set(text) <= set("01234567")) or int(text, 8) > MOST_MODE:
            self.fail("mode")
        return int(text, 8)

    def to_representation(self, value: int) -> str:
        return f"{value:04o}"


@extend_schema_field(OpenApiTypes.BYTE)
class Base64Field(serializers.Field[bytes, str, str, Any]):
    """Any bytes as base64 (RFC 4648 section 4)."""

    default_error_messages = {"base64": _("This is not base64.")}

    def to_internal_value(self, data: Any) -> bytes:
        try:
            return base64.b64decode(str(data), validate=True)
        except (binascii.Error, ValueError):
            self.fail("base64")

    def to_representation(self, value: bytes) -> str:
        return base64.b64encode(value).decode("ascii")


@extend_schema_field(OpenApiTypes.STR)
class SaidField(serializers.Field[Any, Any, str, Any]):
    """A kept sentence in the language of the request."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"read_only": True, **options})

    def to_representation(self, value: Any) -> str:
        return said(value)


@extend_schema_field(
    {
        "type": "object",
        "properties": {
            "value": {"type": "string", "description": "The state as programs know it."},
            "label": {"type": "string", "description": "The word that people read, in the language of the request."},
            "tone": {"type": "string", "enum": ["idle", "run", "good", "warn", "bad"]},
        },
    }
)
class StateField(serializers.Field[Any, Any, dict[str, str], Any]):
    """A state with its word and its meaning, as a page shows them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"read_only": True, "source": "*", **options})

    def to_representation(self, value: Any) -> dict[str, str]:
        return {"value": str(value.state), "label": value.get_state_display(), "tone": str(tone_of(value.state))}


def said(kept: Any) -> str:
    """A kept sentence in the reader's language; empty where none is kept."""
    return sentence_of(kept).said_by(gettext)
