"""Tasks, canned responses, queues and webhooks on the wire."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from rest_framework import serializers

from hosts.errors import RenderError
from hosts.facts.words import reason
from hosts.serializers.fields import SaidField, VisibleRow
from tickets.choices import EntryKind, MailKind
from tickets.facts.variables import variables_for
from tickets.models import (
    Agent,
    CannedFile,
    CannedResponse,
    Department,
    SavedQueue,
    Task,
    Team,
    Ticket,
    Viewing,
    Webhook,
    WebhookDelivery,
)
from tickets.render.variables import check
from tickets.serializers.thread import MOST_TEXT, FilesField

TYPED = (EntryKind.RESPONSE, EntryKind.NOTE)


class TaskSerializer(serializers.ModelSerializer[Task]):
    """A piece of work on a ticket."""

    ticket = VisibleRow(queryset=Ticket.objects.all())
    department: Any = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False)
    agent: Any = serializers.PrimaryKeyRelatedField(
        queryset=Agent.objects.select_related("user"), required=False, allow_null=True
    )
    team: Any = serializers.PrimaryKeyRelatedField(queryset=Team.objects.all(), required=False, allow_null=True)

    class Meta:
        model = Task
        fields = [
            "id", "ticket", "title", "text", "department", "agent", "team", "due_at", "is_overdue", "created_at",
            "closed_at",
        ]  # fmt: skip
        read_only_fields = ["is_overdue", "created_at", "closed_at"]


class TaskChangeSerializer(TaskSerializer):
    """What can change of a task."""

    class Meta(TaskSerializer.Meta):
        fields = ["title", "text", "department", "agent", "team", "due_at"]
        read_only_fields = []

    ticket = None  # type: ignore[assignment]


class DoneSerializer(serializers.Serializer[Any]):
    """Whether it is done."""

    is_done = serializers.BooleanField(default=True)


class CannedFileSerializer(serializers.ModelSerializer[CannedFile]):
    """A file that goes with a canned response."""

    size = serializers.IntegerField(source="file.size", read_only=True)

    class Meta:
        model = CannedFile
        fields = ["id", "name", "content_type", "size"]
        read_only_fields = fields


class CannedSerializer(serializers.ModelSerializer[CannedResponse]):
    """A text for answers that come again and again, with the files that go along."""

    files = CannedFileSerializer(source="attached", many=True, read_only=True)
    new_files = FilesField(write_only=True)
    dropped_files = serializers.ListField(
        child=serializers.IntegerField(min_value=1), write_only=True, required=False, default=list, max_length=100
    )

    class Meta:
        model = CannedResponse
        fields = ["id", "title", "department", "text", "notes", "is_active", "files", "new_files", "dropped_files"]

    def validate_text(self, value: str) -> str:
        """Each variable must be one that an agent's answer has."""
        try:
            check(value, variables_for(MailKind.TICKET_REPLY))
        except RenderError as error:
            raise serializers.ValidationError(reason(error).said_by(gettext)) from error
        return value


class DraftSerializer(serializers.Serializer[Any]):
    """What one typed in a ticket and did not send. An empty text takes it away."""

    kind: Any = serializers.ChoiceField(
        choices=[(one.value, one.label) for one in (EntryKind.RESPONSE, EntryKind.NOTE)]
    )
    text = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=MOST_TEXT)
    saved_at = serializers.DateTimeField(read_only=True)


class ViewerSerializer(serializers.ModelSerializer[Viewing]):
    """An agent who has the ticket open at this moment."""

    name = serializers.CharField(source="agent", read_only=True)

    class Meta:
        model = Viewing
        fields = ["agent", "name", "is_writing", "seen_at"]
        read_only_fields = fields


class LookSerializer(serializers.Serializer[Any]):
    """That one has the ticket open, up to which entry one has read it, and whether one writes."""

    is_writing = serializers.BooleanField(default=False)
    read_up_to = serializers.IntegerField(min_value=0, max_value=2**62, default=0)


class FilledSerializer(serializers.Serializer[Any]):
    """A text with its variables filled in."""

    text = serializers.CharField()


class QueueSerializer(serializers.ModelSerializer[SavedQueue]):
    """A queue of one's own: filters as {field: values}."""

    filters = serializers.DictField(default=dict)
    columns = serializers.ListField(child=serializers.CharField(max_length=32), default=list)

    class Meta:
        model = SavedQueue
        fields = ["id", "name", "owner", "is_shared", "filters", "columns", "sort"]
        read_only_fields = ["owner"]
        validators: list[Any] = []


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """An address of another program. Its secret is shown once, in the answer that makes it."""

    events = serializers.ListField(child=serializers.CharField(max_length=32), default=list)

    class Meta:
        model = Webhook
        fields = ["id", "name", "url", "events", "is_active"]


class NewWebhookSerializer(WebhookSerializer):
    """A webhook with the secret that its calls are signed with."""

    signing_key = serializers.CharField(read_only=True)

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "signing_key"]


class WebhookDeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    """One event on its way to a webhook."""

    why = SaidField()

    class Meta:
        model = WebhookDelivery
        fields = [
            "id", "webhook", "event", "payload", "state", "why", "status_code", "tries", "next_try_at", "created_at",
            "sent_at",
        ]  # fmt: skip
        read_only_fields = fields
