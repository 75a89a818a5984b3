"""Tokens, the asker and the book of writes, on the wire."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from hosts.choices import Scope
from hosts.facts.words import read_stored
from hosts.models import ApiToken, AuditEntry, User
from hosts.serializers.fields import said


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token without its key."""

    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices), min_length=1)

    class Meta:
        model = ApiToken
        fields = ["id", "name", "prefix", "scopes", "expires_at", "revoked_at", "last_used_at", "created_at"]
        read_only_fields = ["prefix", "revoked_at", "last_used_at", "created_at"]


class IssuedTokenSerializer(TokenSerializer):
    """A new token with its key, which is shown this once."""

    key = serializers.CharField(read_only=True, help_text=_("Shown only now."))

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "key"]


class MeSerializer(serializers.ModelSerializer[User]):
    """Who asks, and what they may do."""

    organizations: Any = serializers.SlugRelatedField(slug_field="name", many=True, read_only=True)
    permissions = serializers.SerializerMethodField()
    scopes = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = [
            "id", "email", "name", "language", "time_zone", "is_superuser", "sees_everything", "organizations",
            "permissions", "scopes",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_permissions(self, person: User) -> list[str]:
        """The person's permissions on machines."""
        return sorted(name for name in person.get_all_permissions() if name.startswith("hosts."))

    @extend_schema_field({"type": "array", "items": {"type": "string"}, "nullable": True})
    def get_scopes(self, person: User) -> list[str] | None:
        """What the token may do; null where a browser session asks."""
        token = self.context["request"].auth
        return list(token.scopes) if isinstance(token, ApiToken) else None


class DetailsField(serializers.DictField):
    """Field: [before, after], or a value; sentences in the language of the request."""

    def to_representation(self, value: Any) -> dict[str, Any]:
        return {name: said(read_stored(part)) if isinstance(part, str) else part for name, part in value.items()}


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    """One write: who, when, through which door, what."""

    details = DetailsField(read_only=True)

    class Meta:
        model = AuditEntry
        fields = [
            "id", "at", "actor", "actor_name", "via", "token_name", "address", "action", "object_type", "object_id",
            "object_name", "organization", "details",
        ]  # fmt: skip
        read_only_fields = fields
