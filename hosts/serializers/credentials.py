"""Credentials on the wire: secrets go in and never come out."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from hosts.choices import CredentialKind
from hosts.models import Credential, Organization
from hosts.serializers.fields import VisibleRow


class CredentialSerializer(serializers.ModelSerializer[Credential]):
    """A way to log in. To make one, send a private key, or a password, or ask for a key to be generated."""

    organization = VisibleRow(queryset=Organization.objects.all(), allow_null=True, required=False)
    private_key = serializers.CharField(
        write_only=True, required=False, trim_whitespace=False, help_text=_("The whole text of an OpenSSH or PEM key.")
    )
    passphrase = serializers.CharField(write_only=True, required=False, trim_whitespace=False)
    password = serializers.CharField(write_only=True, required=False, trim_whitespace=False)
    generate = serializers.BooleanField(
        write_only=True, required=False, default=False, help_text=_("Make a new ed25519 key in the panel.")
    )

    class Meta:
        model = Credential
        fields = [
            "id", "name", "kind", "organization", "public_key", "fingerprint", "created_at",
            "private_key", "passphrase", "password", "generate",
        ]  # fmt: skip
        read_only_fields = ["kind", "public_key", "fingerprint", "created_at"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One secret at most; its kind follows from it."""
        sent = [name for name in ("private_key", "password", "generate") if attrs.get(name)]
        if len(sent) > 1:
            raise serializers.ValidationError(_("Send one of private_key, password and generate, not several."))
        if sent:
            is_password = sent[0] == "password"
            attrs["kind"] = CredentialKind.PASSWORD if is_password else CredentialKind.PRIVATE_KEY
        return attrs
