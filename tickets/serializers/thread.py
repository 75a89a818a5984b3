"""Entries, files and events on the wire, and what is said through the API."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from hosts.serializers.fields import Base64Field
from tickets.choices import EntryKind, SignatureKind, TicketState
from tickets.models import Agent, Attachment, CannedResponse, Contact, Entry, EntryVersion, Event, OutgoingMail, Status
from tickets.serializers.people import SeenContact

MOST_FILES = 50
MOST_TEXT = 1_000_000


class FileSerializer(serializers.Serializer[Any]):
    """A file that comes with what is said."""

    name = serializers.CharField(max_length=255)
    content_type = serializers.CharField(max_length=127, required=False, default="application/octet-stream")
    content = Base64Field(help_text=_("The bytes as base64."))


class FilesField(serializers.ListField):
    """Files with their bytes."""

    child = FileSerializer()

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "default": list, "max_length": MOST_FILES, **options})


class AttachmentSerializer(serializers.ModelSerializer[Attachment]):
    """A file at an entry. Its bytes are at `attachments/{id}/content/`."""

    size = serializers.IntegerField(source="file.size", read_only=True)

    class Meta:
        model = Attachment
        fields = ["id", "name", "content_type", "size", "is_inline", "content_id"]
        read_only_fields = fields


class DeliverySerializer(serializers.ModelSerializer[OutgoingMail]):
    """A mail that carries the entry to somebody, and how far it is."""

    class Meta:
        model = OutgoingMail
        fields = ["id", "kind", "to_email", "state", "sent_at", "tries"]
        read_only_fields = fields


CARRIED = (
    Prefetch("attachments", queryset=Attachment.objects.select_related("file").order_by("pk")),
    Prefetch("outgoing", queryset=OutgoingMail.objects.order_by("pk")),
)
"""The rows that an entry is shown with, the oldest first."""


class EntrySerializer(serializers.ModelSerializer[Entry]):
    """A message, a response or a note. `folds` are [start, end, kind] of what pages fold away."""

    attachments = AttachmentSerializer(many=True, read_only=True)
    mails = DeliverySerializer(source="outgoing", many=True, read_only=True)

    class Meta:
        model = Entry
        fields = [
            "id", "ticket", "home", "kind", "source", "contact", "agent", "author_name", "author_email", "is_stranger",
            "is_automatic", "title", "text", "html", "folds", "html_folds", "reply_to", "forwarded_to",
            "minutes_spent", "posted_at", "edited_at", "attachments", "mails",
        ]  # fmt: skip
        read_only_fields = fields


class EntryVersionSerializer(serializers.ModelSerializer[EntryVersion]):
    """How an entry read before it was edited."""

    replaced_by = serializers.CharField(allow_null=True, read_only=True)

    class Meta:
        model = EntryVersion
        fields = ["id", "text", "html", "replaced_at", "replaced_by"]
        read_only_fields = fields


class EventSerializer(serializers.ModelSerializer[Event]):
    """Something that happened to a ticket."""

    class Meta:
        model = Event
        fields = ["id", "kind", "actor_name", "data", "at"]
        read_only_fields = fields


class WordsSerializer(serializers.Serializer[Any]):
    """Something said."""

    text = serializers.CharField(trim_whitespace=False, max_length=MOST_TEXT)
    html = serializers.CharField(required=False, allow_blank=True, default="", max_length=2 * MOST_TEXT)
    files = FilesField()
    minutes_spent = serializers.IntegerField(min_value=0, max_value=10_000, default=0)
    reply_to: Any = serializers.PrimaryKeyRelatedField(
        queryset=Entry.objects.all(), required=False, allow_null=True, help_text=_("An entry of the same ticket.")
    )


class MessageSerializer(WordsSerializer):
    """What a person outside says, written down for them; the owner where nobody is named."""

    contact = SeenContact(queryset=Contact.objects.all(), required=False, allow_null=True)


class StepSerializer(WordsSerializer):
    """What is said with a step of the ticket: all of it is done, or nothing."""

    status: Any = serializers.PrimaryKeyRelatedField(
        queryset=Status.objects.exclude(state=TicketState.DELETED), required=False, allow_null=True
    )
    agent: Any = serializers.PrimaryKeyRelatedField(
        queryset=Agent.objects.select_related("user"), required=False, allow_null=True, help_text=_("Who gets it then.")
    )


class NoteSerializer(StepSerializer):
    """What only the staff reads. Names behind an @ are told."""

    title = serializers.CharField(max_length=255, required=False, allow_blank=True, default="")


class ReplySerializer(StepSerializer):
    """An agent's answer, and where the ticket stands after it: both are done, or neither."""

    canned: Any = serializers.PrimaryKeyRelatedField(
        queryset=CannedResponse.objects.filter(is_active=True),
        many=True,
        required=False,
        default=list,
        help_text=_("Canned responses whose files go along. Their words are taken from `filled/`."),
    )
    to = serializers.ChoiceField(
        choices=[("all", _("Owner and collaborators")), ("owner", _("Owner")), ("nobody", _("Nobody"))], default="all"
    )
    signature = serializers.ChoiceField(choices=SignatureKind.choices, required=False, default="")


class EntryChangeSerializer(serializers.Serializer[Any]):
    """Other words in the place of an entry's."""

    text = serializers.CharField(trim_whitespace=False, max_length=MOST_TEXT)
    html = serializers.CharField(required=False, allow_blank=True, default="", max_length=2 * MOST_TEXT)


class ForwardSerializer(serializers.Serializer[Any]):
    """Addresses outside that an entry goes to with its files."""

    to = serializers.ListField(child=serializers.EmailField(max_length=254), min_length=1, max_length=20)
    text = serializers.CharField(required=False, allow_blank=True, default="", max_length=MOST_TEXT)
    files = FilesField(help_text=_("Further files, beside those of the entry."))
    status: Any = serializers.PrimaryKeyRelatedField(
        queryset=Status.objects.exclude(state=TicketState.DELETED), required=False, allow_null=True
    )


class UploadSerializer(serializers.Serializer[Any]):
    """Files that join a ticket, as multipart/form-data."""

    files = serializers.ListField(child=serializers.FileField(), min_length=1, max_length=MOST_FILES)
    text = serializers.CharField(required=False, allow_blank=True, default="")
    kind = serializers.ChoiceField(
        choices=[(EntryKind.NOTE, EntryKind.NOTE.label), (EntryKind.MESSAGE, EntryKind.MESSAGE.label)],
        default=EntryKind.NOTE,
    )
