"""Mailboxes, mails on their way in and out, and the words of mails on the wire. No secret is ever given back."""

from __future__ import annotations

from typing import Any

from cryptography.x509 import load_pem_x509_certificates
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from hosts.facts.words import sentence_of
from hosts.serializers.fields import SaidField, VisibleRow
from tickets.choices import MailKind
from tickets.models import IncomingMail, Mailbox, MailTemplate, OutgoingMail, TemplateSet, Ticket
from tickets.serializers.order import SettingSerializer

GRANT = ("token_url", "client_id", "client_secret", "refresh_token", "scope")
SECRETS = ("password", *GRANT, "smtp_password", *(f"smtp_{name}" for name in GRANT))
"""What can be sent of a mailbox and is no column: sealed, and kept where it is left out or empty."""
LONGEST_WORDS = 100_000


def _secret(help_text: Any = "") -> serializers.CharField:
    return serializers.CharField(
        write_only=True, required=False, allow_blank=True, trim_whitespace=False, max_length=4000, help_text=help_text
    )


class TestStepSerializer(serializers.Serializer[Any]):
    """A step of a connection test."""

    name = serializers.CharField()
    ok = serializers.BooleanField()
    why = serializers.CharField()


class MailboxSerializer(SettingSerializer):
    """An address of the desk. Secrets can be sent and replaced; an empty one keeps what is stored."""

    password = _secret(_("For fetching; also for sending where nothing else was ever sent."))
    token_url = _secret()
    client_id = _secret()
    client_secret = _secret()
    refresh_token = _secret()
    scope = _secret()
    smtp_password = _secret()
    smtp_token_url = _secret()
    smtp_client_id = _secret()
    smtp_client_secret = _secret()
    smtp_refresh_token = _secret()
    smtp_scope = _secret()
    state_why = SaidField()
    has_secret = serializers.SerializerMethodField()
    has_smtp_secret = serializers.SerializerMethodField()
    test_steps = serializers.SerializerMethodField(help_text=_("Of the last test that was asked for."))

    class Meta:
        model = Mailbox
        fields = [
            "id", "name", "address", "is_active", "department", "topic", "priority", "acknowledges",
            "protocol", "host", "port", "security", "login", "username", "ca_certificate", "folder", "poll_seconds",
            "uses_idle", "after_fetch", "move_to",
            "smtp_host", "smtp_port", "smtp_security", "smtp_login", "smtp_username", "fallback",
            *SECRETS, "has_secret", "has_smtp_secret",
            "state", "state_why", "failures", "polled_at", "worked_at", "test_asked_at", "test_done_at", "test_steps",
        ]  # fmt: skip
        read_only_fields = ["state", "failures", "polled_at", "worked_at", "test_asked_at", "test_done_at"]

    def get_has_secret(self, mailbox: Mailbox) -> bool:
        return mailbox.secret is not None

    def get_has_smtp_secret(self, mailbox: Mailbox) -> bool:
        return mailbox.smtp_secret is not None

    def get_test_steps(self, mailbox: Mailbox) -> list[dict[str, Any]]:
        return [
            {
                "name": sentence_of(step["name"]).said_by(gettext),
                "ok": bool(step["ok"]),
                "why": sentence_of(step["why"]).said_by(gettext),
            }
            for step in mailbox.test_steps
        ]

    def validate_ca_certificate(self, value: str) -> str:
        """One certificate or more in PEM."""
        text = value.strip()
        try:
            found = load_pem_x509_certificates(text.encode()) if text else []
        except ValueError as error:
            said = gettext("This is no PEM certificate. Paste it from BEGIN to END.")
            raise serializers.ValidationError(said) from error
        return text if found else ""

    def validate_token_url(self, value: str) -> str:
        """Such that a secret may be sent there."""
        if value and not value.startswith("https://"):
            raise serializers.ValidationError(gettext("The address of the token server must begin with https://."))
        return value

    validate_smtp_token_url = validate_token_url


class IncomingMailSerializer(serializers.ModelSerializer[IncomingMail]):
    """A mail as it came, and what became of it. Its bytes are at `incoming-mails/{id}/raw/`."""

    why = SaidField()
    size = serializers.IntegerField(source="raw.size", read_only=True)

    class Meta:
        model = IncomingMail
        fields = [
            "id", "mailbox", "state", "why", "sender", "subject", "size", "ticket", "entry", "tries", "next_try_at",
            "received_at", "handled_at",
        ]  # fmt: skip
        read_only_fields = fields


class IncomingMailDetailSerializer(IncomingMailSerializer):
    """The same with the trace of what failed."""

    class Meta(IncomingMailSerializer.Meta):
        fields = [*IncomingMailSerializer.Meta.fields, "trouble"]
        read_only_fields = fields


class OutgoingMailSerializer(serializers.ModelSerializer[OutgoingMail]):
    """A mail to one address, and how far it is."""

    why = SaidField()

    class Meta:
        model = OutgoingMail
        fields = [
            "id", "kind", "ticket", "entry", "mailbox", "contact", "agent", "to_email", "to_name", "from_email",
            "subject", "message_id", "is_automatic", "state", "why", "tries", "next_try_at", "created_at", "sent_at",
        ]  # fmt: skip
        read_only_fields = fields


class OutgoingMailDetailSerializer(OutgoingMailSerializer):
    """The same with what it says."""

    class Meta(OutgoingMailSerializer.Meta):
        fields = [*OutgoingMailSerializer.Meta.fields, "text", "html", "headers"]
        read_only_fields = fields


class TemplateSetSerializer(SettingSerializer):
    """A set of words for the desk's mails. What it does not say, the built-in words say."""

    class Meta:
        model = TemplateSet
        fields = ["id", "name", "notes"]


class MailTemplateSerializer(SettingSerializer):
    """Own words for one kind of mail in one language; which mail it is stays as it is."""

    language: Any = serializers.ChoiceField(choices=settings.LANGUAGES)

    class Meta:
        model = MailTemplate
        fields = ["id", "templates", "kind", "language", "subject", "body"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Another mail is another row."""
        for name in ("templates", "kind", "language"):
            if self.instance is not None and name in attrs and attrs[name] != getattr(self.instance, name):
                raise serializers.ValidationError({name: gettext("Which mail it is stays as it is. Add another one.")})
        return attrs


class TrialSerializer(serializers.Serializer[Any]):
    """Words to be tried out: as they were typed, or those that a ticket's department has."""

    kind: Any = serializers.ChoiceField(choices=MailKind.choices)
    language: Any = serializers.ChoiceField(choices=settings.LANGUAGES)
    subject = serializers.CharField(max_length=255, required=False, allow_blank=True)
    body = serializers.CharField(max_length=LONGEST_WORDS, required=False, allow_blank=True, trim_whitespace=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Subject and body come together."""
        if ("subject" in attrs) != ("body" in attrs):
            missing = "body" if "subject" in attrs else "subject"
            raise serializers.ValidationError({missing: gettext("Send subject and body, or neither.")})
        return attrs


class MailPreviewSerializer(TrialSerializer):
    """Words to be seen as a mail: with made-up values, or as a ticket would make it now."""

    ticket = VisibleRow(queryset=Ticket.objects.all(), required=False, allow_null=True)


class TestMailSerializer(TrialSerializer):
    """Words to be sent as a mail with made-up values."""

    to_email = serializers.EmailField(
        max_length=254, required=False, allow_blank=True, default="", help_text=_("Empty: to oneself.")
    )


class MailShownSerializer(serializers.Serializer[Any]):
    """The mail that words make."""

    subject = serializers.CharField()
    text = serializers.CharField()
    html = serializers.CharField()


class KindSerializer(serializers.Serializer[Any]):
    """A kind of mail: its built-in words in each language, and the variables that its words may name."""

    kind = serializers.CharField()
    label: Any = serializers.CharField()
    words = serializers.DictField(help_text=_("{language: {subject, body}}"))
    variables = serializers.DictField(child=serializers.CharField(), help_text=_("{name: what it stands for}"))
