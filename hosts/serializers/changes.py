"""Changes on the wire: in a list, with everything, and their log."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from hosts.choices import FileKind
from hosts.models import Change, ChangeFile, LogLine, Step
from hosts.rules.diff import Diff, Row, file_diff
from hosts.serializers.fields import Base64Field, ModeField, SaidField, StateField, said

MOST_DIFF_ROWS = 1_000


class HostNameSerializer(serializers.Serializer[Any]):
    """Which host."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class ChangeSerializer(serializers.ModelSerializer[Change]):
    """A change in a list."""

    host = HostNameSerializer(read_only=True)
    state = StateField()
    planned_by = serializers.CharField(read_only=True)
    approved_by = serializers.CharField(read_only=True, allow_null=True)
    applied_by = serializers.CharField(read_only=True, allow_null=True)
    outcome_why = SaidField()

    class Meta:
        model = Change
        fields = [
            "id", "uuid", "host", "title", "why", "reference", "source", "state", "rollout", "position", "reboots",
            "planned_by", "planned_at", "compared_at", "approved_by", "approved_at", "applied_by", "queued_at",
            "next_try_at", "tries", "finished_at", "outcome_step", "outcome_why", "puts_back", "replaces",
        ]  # fmt: skip
        read_only_fields = fields


class StepSerializer(serializers.ModelSerializer[Step]):
    """One step of a change with its time."""

    state = StateField()
    note = SaidField()

    class Meta:
        model = Step
        fields = ["name", "state", "started_at", "seconds", "note"]
        read_only_fields = fields


class ChangeFileSerializer(serializers.ModelSerializer[ChangeFile]):
    """One file of a change: as it shall be, as it was seen, and the difference. Secret texts are left out."""

    mode = ModeField(read_only=True)
    seen_mode = ModeField(read_only=True)
    diff = serializers.SerializerMethodField()
    is_diff_cut = serializers.SerializerMethodField()

    class Meta:
        model = ChangeFile
        fields = [
            "position", "path", "is_absent", "owner", "group", "mode", "is_secret", "make_parents", "managed_file",
            "seen_kind", "seen_size", "seen_sha256", "seen_owner", "seen_group", "seen_mode", "seen_target",
            "differs", "lines_added", "lines_removed", "diff", "is_diff_cut",
        ]  # fmt: skip
        read_only_fields = fields

    def to_representation(self, instance: ChangeFile) -> dict[str, Any]:
        self._diff = _diff_of(instance)
        return super().to_representation(instance)

    @extend_schema_field({"type": "string", "nullable": True})
    def get_diff(self, row: ChangeFile) -> str | None:
        """Unified, unchanged parts folded; null before the comparison, for a secret and for a binary file."""
        if self._diff is None or self._diff.is_binary:
            return None
        return "".join(diff_line(each) for each in self._diff.rows[:MOST_DIFF_ROWS])

    def get_is_diff_cut(self, row: ChangeFile) -> bool:
        """Whether `diff` ends early; the whole file is at `files/{position}/`."""
        return self._diff is not None and len(self._diff.rows) > MOST_DIFF_ROWS


class FileTextSerializer(serializers.Serializer[Any]):
    """Both sides of one file in full. Null: not there, not kept (too large), or secret."""

    path = serializers.CharField()
    is_secret = serializers.BooleanField()
    wanted_base64 = Base64Field(allow_null=True)
    seen_base64 = Base64Field(allow_null=True)


class CommandSerializer(serializers.Serializer[Any]):
    """One program to run on the host: argv, never a shell line."""

    argv = serializers.ListField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False), min_length=1, max_length=200
    )
    timeout_seconds = serializers.IntegerField(min_value=1, max_value=86_400, default=60)
    environment = serializers.DictField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False), required=False, default=dict
    )

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return super().to_representation({**instance, "environment": dict(instance.get("environment", []))})


class MeaningSerializer(serializers.Serializer[Any]):
    """One line of what the change will do."""

    sign = serializers.ChoiceField(choices=["add", "take", "same", "heed", "info"])
    text = serializers.CharField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {"sign": instance[0], "text": said(instance)}


class ChangeDetailSerializer(ChangeSerializer):
    """A change with its meaning, files, commands and steps."""

    means = MeaningSerializer(many=True, read_only=True)
    files = ChangeFileSerializer(many=True, read_only=True)
    steps = StepSerializer(many=True, read_only=True)
    before = CommandSerializer(many=True, read_only=True)
    check = CommandSerializer(source="check_commands", many=True, read_only=True)
    activate = CommandSerializer(many=True, read_only=True)
    verify = CommandSerializer(many=True, read_only=True)
    undo = CommandSerializer(many=True, read_only=True)
    round_trips = serializers.DictField(child=serializers.IntegerField(), read_only=True)

    class Meta(ChangeSerializer.Meta):
        fields = [
            *ChangeSerializer.Meta.fields,
            "means", "files", "steps", "before", "check", "activate", "verify", "undo", "guard_seconds", "round_trips",
        ]  # fmt: skip
        read_only_fields = fields


class LogLineSerializer(serializers.ModelSerializer[LogLine]):
    """One line of what the host said."""

    class Meta:
        model = LogLine
        fields = ["number", "at", "step", "text"]
        read_only_fields = fields


class LogSerializer(serializers.Serializer[Any]):
    """A part of the log, and where to go on."""

    results = LogLineSerializer(many=True)
    next_after = serializers.IntegerField(help_text="Send it as `after` to get what came since.")
    has_ended = serializers.BooleanField(help_text="Nothing more will come.")


class WhySerializer(serializers.Serializer[Any]):
    """A reason, for the record."""

    why = serializers.CharField(required=False, allow_blank=True, default="", max_length=2_000)


def _diff_of(row: ChangeFile) -> Diff | None:
    if row.is_secret or not row.seen_kind or (row.seen_kind == FileKind.FILE and row.seen_content is None):
        return None
    seen = row.seen_content.read() if row.seen_content else None
    wanted = row.wanted_content.read() if row.wanted_content and not row.is_absent else None
    return file_diff(seen, wanted)


def diff_line(row: Row) -> str:
    """One row as a line of a unified diff; a folded run as how many lines it hides."""
    return f"@@ {row.folded} @@\n" if row.kind == "~" else f"{row.kind}{row.text}\n"
