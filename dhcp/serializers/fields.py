"""Single values of DHCP on the wire, and the settings that every declaration of a server has."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from dhcp.choices import LEASE_WORDS, OUTCOME_WORDS
from dhcp.facts.server import INFINITE
from dhcp.services.editing import lease_seconds_of
from dhcp.services.lease_states import state_of
from hosts.choices import Scope, Tone
from hosts.errors import BadInput
from hosts.facts.words import reason
from hosts.models import ApiToken

STATE = {
    "type": "object",
    "properties": {
        "value": {"type": "string"},
        "label": {"type": "string", "description": "The word that people read, in the language of the request."},
        "tone": {"type": "string", "enum": ["idle", "run", "good", "warn", "bad"]},
    },
}
SETTINGS = (
    *("default_lease_seconds", "max_lease_seconds", "min_lease_seconds", "next_server", "boot_filename"),
    *("boot_server_name", "boot_by_architecture", "options", "parameters", "raw", "kea", "note"),
)
MAY_HOLD_KEYS = ("raw", "kea")
LEASE_STATES = [(value, value) for value in LEASE_WORDS]
OUTCOMES = [(value, value) for value in OUTCOME_WORDS]


@extend_schema_field(
    {"oneOf": [{"type": "integer"}, {"type": "string"}], "nullable": True, "example": "8 h", "description": "Seconds."}
)
class LeaseTimeField(serializers.Field[Any, Any, Any, Any]):
    """Seconds as a number, or as people type them: "8 h", "7 d", "infinite" (-1); null says nothing at this level."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "allow_null": True, **options})

    def to_internal_value(self, data: Any) -> int | None:
        if isinstance(data, bool) or not isinstance(data, int | str):
            raise serializers.ValidationError(_("Send seconds, or a text such as 8 h, 7 d or infinite."))
        try:
            return lease_seconds_of(str(data), self.field_name or "")
        except BadInput as error:
            raise serializers.ValidationError(reason(error).said_by(gettext)) from error

    def to_representation(self, value: int) -> int | str:
        return "infinite" if value == INFINITE else value


class OptionSerializer(serializers.Serializer[Any]):
    """An option by name with its values, or with an expression that the server evaluates."""

    name = serializers.CharField(max_length=255)
    values = serializers.ListField(
        child=serializers.CharField(max_length=4000, allow_blank=True, trim_whitespace=False),
        required=False,
        default=list,
    )
    expression = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")


class PairField(serializers.ListField):
    """Two texts: what is said, and the rest of it."""

    def __init__(self, **options: Any) -> None:
        child = serializers.CharField(max_length=10_000, allow_blank=True, trim_whitespace=False)
        super().__init__(**{"child": child, "min_length": 2, "max_length": 2, **options})


class KeptField(serializers.ListField):
    """What is kept without being understood. null is said to those who may not change the server, and not taken."""

    def __init__(self, **options: Any) -> None:
        note = _("null for those who may not change the server: it may hold keys.")
        super().__init__(**{"required": False, "allow_null": True, "help_text": note, **options})

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        if data is None:
            self.fail("null")
        return super().validate_empty_values(data)


@extend_schema_field(
    {"type": "array", "items": {"type": "array", "items": {}, "minItems": 2, "maxItems": 2}, "example": [[7, "x.efi"]]}
)
class BootFilesField(serializers.Field[Any, Any, Any, Any]):
    """[code of the architecture (RFC 4578), boot file]."""

    def to_internal_value(self, data: Any) -> list[list[Any]]:
        rows: list[Any] = data if isinstance(data, list) else [None]
        if any(not _is_boot_file(row) for row in rows):
            raise serializers.ValidationError(_("Send pairs of an architecture's number and a file name."))
        return [[row[0], row[1]] for row in rows]

    def to_representation(self, value: Any) -> Any:
        return value


def _is_boot_file(row: Any) -> bool:
    fits = isinstance(row, list) and len(row) == 2 and isinstance(row[0], int) and isinstance(row[1], str)
    return fits and 0 <= row[0] < 65_536


class DeclaredSerializer(serializers.ModelSerializer[Any]):
    """A declaration of a server, with its settings. `confirmed` and `warnings` are of the write, not of the row."""

    default_lease_seconds = LeaseTimeField()
    max_lease_seconds = LeaseTimeField()
    min_lease_seconds = LeaseTimeField()
    options = OptionSerializer(many=True, required=False)
    parameters = serializers.ListField(child=PairField(), required=False)
    raw = KeptField(child=serializers.CharField(max_length=100_000, trim_whitespace=False))
    kea = KeptField(child=PairField())
    boot_by_architecture = BootFilesField(required=False)
    confirmed = serializers.BooleanField(
        write_only=True, required=False, default=False, help_text=_("That machines lose addresses they have is meant.")
    )
    warnings = serializers.SerializerMethodField(help_text=_("What the edit brought in and was saved all the same."))

    def get_warnings(self, row: Any) -> list[str]:
        """Sentences; empty where nothing was written."""
        found: list[str] = self.context.get("warnings", [])
        return found

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Texts that nobody understood, and members only Kea has, may hold keys and passwords: they are for those who
        may change the server, as its form is; for others they are null.
        """
        shown = super().to_representation(instance)
        if not _may_change_servers(self.context.get("request")):
            shown |= {name: None for name in MAY_HOLD_KEYS if name in shown}
        return shown

    def validate_options(self, options: Any) -> list[dict[str, Any]]:
        """As rows keep them."""
        return [dict(each) for each in options]


def _may_change_servers(request: Any) -> bool:
    """By the person's rights, and by the scopes of the key that is used for it."""
    if request is None or not request.user.has_perm("dhcp.change_server"):
        return False
    return not isinstance(request.auth, ApiToken) or Scope.PLAN in request.auth.scopes


@extend_schema_field(STATE)
class LeaseStateField(serializers.Field[Any, Any, Any, Any]):
    """A lease's state; one whose time is over is not leased any more, whatever the file says."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"read_only": True, "source": "*", **options})

    def to_representation(self, value: Any) -> dict[str, str]:
        return dict(zip(("value", "label", "tone"), state_of(value), strict=True))


@extend_schema_field(STATE)
class OutcomeField(serializers.Field[Any, Any, Any, Any]):
    """How a conversation ended."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"read_only": True, **options})

    def to_representation(self, value: str) -> dict[str, str]:
        label, tone = OUTCOME_WORDS.get(value, (value, Tone.NEUTRAL))
        return {"value": value, "label": str(label), "tone": tone.value}


@extend_schema_field({**STATE, "type": "object"})
class ChoiceStateField(serializers.Field[Any, Any, Any, Any]):
    """A stored choice with its word; the tone says nothing."""

    def __init__(self, name: str, **options: Any) -> None:
        self._name = name
        super().__init__(**{"read_only": True, "source": "*", **options})

    def to_representation(self, value: Any) -> dict[str, str]:
        said = getattr(value, f"get_{self._name}_display")()
        return {"value": str(getattr(value, self._name)), "label": str(said), "tone": "idle"}
