"""A list of hosts from elsewhere, on the wire."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from hosts.models import Credential, Organization
from hosts.serializers.fields import Base64Field, VisibleRow
from hosts.serializers.fleet import HostSerializer

FORMATS = ("csv", "ansible", "ssh_config")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "From CSV, only looking",
            value={"format": "csv", "text": "name,address\nxen01,192.0.2.11\n", "credential": 1, "is_trial": True},
            request_only=True,
        )
    ]
)
class ImportSerializer(serializers.Serializer[Any]):
    """A CSV table, an Ansible inventory (INI or YAML) or an ssh_config, as text or as the bytes of the file."""

    format = serializers.ChoiceField(choices=FORMATS)
    text = serializers.CharField(required=False, trim_whitespace=False)
    base64 = Base64Field(required=False)
    credential = VisibleRow(queryset=Credential.objects.all(), required=False, allow_null=True)
    organization = VisibleRow(queryset=Organization.objects.all(), required=False, allow_null=True)
    is_trial = serializers.BooleanField(default=False, help_text=_("Only say what would come of it."))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of the two."""
        if ("text" in attrs) == ("base64" in attrs):
            raise serializers.ValidationError({"text": _("Send the list as text or as base64.")})
        return attrs

    def data_sent(self) -> bytes:
        """The bytes of the list."""
        sent = self.validated_data
        return bytes(sent["base64"]) if "base64" in sent else str(sent["text"]).encode()


class FoundHostSerializer(serializers.Serializer[Any]):
    """A host as it stands in the list."""

    name = serializers.CharField()
    address = serializers.CharField()
    port = serializers.IntegerField()
    username = serializers.CharField()
    sudo = serializers.BooleanField()
    roles = serializers.ListField(child=serializers.CharField())
    tags = serializers.ListField(child=serializers.CharField())
    jump = serializers.CharField()
    site = serializers.CharField()
    organization = serializers.CharField()
    line = serializers.IntegerField()


class ProblemOfListSerializer(serializers.Serializer[Any]):
    """Something in the list that was not taken over as it stood."""

    line = serializers.IntegerField()
    text = serializers.CharField()
    lost = serializers.BooleanField(help_text=_("Whether the host itself is missing from what was found."))


class ImportedSerializer(serializers.Serializer[Any]):
    """What the list came to; `hosts` is empty in a trial."""

    found = FoundHostSerializer(many=True)
    problems = ProblemOfListSerializer(many=True)
    hosts = HostSerializer(many=True)
