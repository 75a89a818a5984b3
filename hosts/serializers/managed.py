"""Managed files, their copies on hosts and the own versions of hosts, on the wire."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from hosts.models import Host, HostFile, ManagedFile, Organization, Override, Tag
from hosts.serializers.changes import HostNameSerializer
from hosts.serializers.fields import Base64Field, ModeField, SaidField, StateField, VisibleRow


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A greeting for all web servers",
            value={
                "name": "Message of the day",
                "path": "/etc/motd",
                "text": "This is {{ host.name }}.\n",
                "role": "web",
            },
            request_only=True,
        )
    ]
)
class ManagedFileSerializer(serializers.ModelSerializer[ManagedFile]):
    """A file with variables of the host, for one host or a group of them. A secret text is never given back."""

    organization = VisibleRow(queryset=Organization.objects.all(), allow_null=True, required=False)
    hosts = VisibleRow(queryset=Host.objects.all(), many=True, required=False)
    tags = serializers.SlugRelatedField(slug_field="name", many=True, queryset=Tag.objects.all(), required=False)
    mode = ModeField(default=0o644)
    variables = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    text = serializers.CharField(
        write_only=True, required=False, allow_blank=True, trim_whitespace=False, help_text=_("The content as text.")
    )
    base64 = Base64Field(write_only=True, required=False, help_text=_("The content as any bytes."))

    class Meta:
        model = ManagedFile
        fields = [
            "id", "name", "organization", "path", "owner", "group", "mode", "is_secret", "make_parents",
            "check_command", "activate_command", "verify_command", "guard_seconds", "hosts", "tags", "role",
            "variables", "updated_at", "text", "base64",
        ]  # fmt: skip
        read_only_fields = ["updated_at"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The content by one of two names; a new file needs it."""
        sent = [name for name in ("text", "base64") if name in attrs]
        if len(sent) > 1:
            raise serializers.ValidationError({"text": _("Send text or base64, not both.")})
        if not sent and self.instance is None:
            raise serializers.ValidationError({"text": _("What shall the file hold? Send text or base64.")})
        return attrs

    def content(self) -> bytes | None:
        """What was sent; None where nothing was."""
        sent = self.validated_data
        if "text" in sent:
            return str(sent["text"]).encode()
        content: bytes | None = sent.get("base64")
        return content


class ManagedFileDetailSerializer(ManagedFileSerializer):
    """The same with its content."""

    content_base64 = serializers.SerializerMethodField()

    class Meta(ManagedFileSerializer.Meta):
        fields = [*ManagedFileSerializer.Meta.fields, "content_base64"]

    def get_content_base64(self, row: ManagedFile) -> str | None:
        """As it is kept, variables not filled in; null where it is secret."""
        return None if row.is_secret else Base64Field().to_representation(row.body.read())


class PreviewSerializer(serializers.Serializer[Any]):
    """A managed file as it would be on one host."""

    host = HostNameSerializer()
    path = serializers.CharField()
    is_secret = serializers.BooleanField()
    size = serializers.IntegerField()
    content_base64 = Base64Field(allow_null=True, help_text=_("Null where the file is secret."))


class HostFileSerializer(serializers.ModelSerializer[HostFile]):
    """What the panel last put at a path of a host, and whether it still lies there."""

    host = HostNameSerializer(read_only=True)
    mode = ModeField(read_only=True)
    state = StateField()
    drift_words = SaidField()

    class Meta:
        model = HostFile
        fields = [
            "id", "host", "path", "managed_file", "change", "owner", "group", "mode", "is_secret", "state",
            "checked_at", "drifted_at", "drift_words",
        ]  # fmt: skip
        read_only_fields = fields


class OverrideSerializer(serializers.ModelSerializer[Override]):
    """A host that keeps its own text of a managed file."""

    host = HostNameSerializer(read_only=True)
    made_by = serializers.CharField(read_only=True, allow_null=True)

    class Meta:
        model = Override
        fields = ["id", "host", "made_by", "made_at"]
        read_only_fields = fields
