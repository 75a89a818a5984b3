"""Tasks, canned responses, queues and webhooks on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from hosts.serializers.fields import SaidField, VisibleRow
from tickets.models import (
    Agent,
    CannedResponse,
    Department,
    SavedQueue,
    Task,
    Team,
    Ticket,
    Webhook,
    WebhookDelivery,
)


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


class CannedSerializer(serializers.ModelSerializer[CannedResponse]):
    """A text for answers that come again and again."""

    class Meta:
        model = CannedResponse
        fields = ["id", "title", "department", "text", "notes", "is_active"]


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
