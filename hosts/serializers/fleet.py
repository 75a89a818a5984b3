"""Hosts, their keys, organizations and tags on the wire."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from hosts.choices import HostRole
from hosts.models import Credential, Host, HostKey, Organization, Tag
from hosts.serializers.fields import SaidField, StateField, VisibleRow


class OrganizationSerializer(serializers.ModelSerializer[Organization]):
    """A customer, or a part of the own house."""

    class Meta:
        model = Organization
        fields = ["id", "name", "notes", "created_at"]


class TagSerializer(serializers.ModelSerializer[Tag]):
    """A free word that groups hosts."""

    class Meta:
        model = Tag
        fields = ["id", "name"]


class HostKeySerializer(serializers.ModelSerializer[HostKey]):
    """A public key that a host showed."""

    state = StateField()
    decided_by = serializers.CharField(allow_null=True, read_only=True)

    class Meta:
        model = HostKey
        fields = ["id", "key_type", "fingerprint", "public", "state", "seen_at", "decided_by", "decided_at"]
        read_only_fields = fields


class TagNamesField(serializers.ListField):
    """Tags as their names."""

    def to_representation(self, data: Any) -> list[str]:
        return [tag.name for tag in data.all()]


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A new host",
            value={
                "name": "xen03",
                "address": "192.0.2.13",
                "credential": 1,
                "organization": 1,
                "roles": ["xen"],
                "tags": ["seoul"],
                "needs_second_person": True,
            },
            request_only=True,
        )
    ]
)
class HostSerializer(serializers.ModelSerializer[Host]):
    """One machine, and the way to it."""

    credential = VisibleRow(queryset=Credential.objects.all(), allow_null=True, required=False)
    organization = VisibleRow(queryset=Organization.objects.all(), allow_null=True, required=False)
    jump_host = VisibleRow(queryset=Host.objects.all(), allow_null=True, required=False)
    roles = serializers.ListField(child=serializers.ChoiceField(choices=HostRole.choices), required=False)
    tags = TagNamesField(
        child=serializers.RegexField(r"^[^\s,]+$", max_length=64),
        required=False,
        help_text=_("Names; a new name makes a new tag."),
    )
    state = StateField()
    state_why = SaidField()

    class Meta:
        model = Host
        validators: list[Any] = []  # what rows may not share is the service's to check; DRF would ask for every column
        fields = [
            "id", "name", "address", "port", "username", "use_sudo", "credential", "organization", "site", "roles",
            "tags", "notes", "jump_host", "needs_second_person", "is_in_maintenance", "state", "state_since",
            "state_why", "last_seen_at", "os_name", "kernel", "needs_reboot", "findings_count", "drifted_count",
            "created_at",
        ]  # fmt: skip
        read_only_fields = [
            "is_in_maintenance", "state_since", "state_why", "last_seen_at", "os_name", "kernel", "needs_reboot",
            "findings_count", "drifted_count", "created_at",
        ]  # fmt: skip


class MaintenanceSerializer(serializers.Serializer[Any]):
    """Leave the host alone, or look after it again."""

    is_on = serializers.BooleanField()


class AcceptKeysSerializer(serializers.Serializer[Any]):
    """The keys that were compared with what the machine itself says."""

    fingerprints = serializers.ListField(
        child=serializers.CharField(max_length=64), min_length=1, help_text="SHA256:…, all that the host offers."
    )
