"""A step for many tickets on the wire, and what became of each."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from tickets.models import Agent, Department, Status, Team, Ticket

MOST_AT_ONCE = 500
NEEDS = {"assign": ("agent", "team"), "transfer": ("department",), "status": ("status",), "tags": ("tags",)}
"""What a step cannot do without: one of these."""


class ManySerializer(serializers.Serializer[Any]):
    """A step for many tickets (their ids), with what the step needs."""

    tickets = serializers.ListField(child=serializers.IntegerField(min_value=1), min_length=1, max_length=MOST_AT_ONCE)
    do: Any = serializers.ChoiceField(choices=["claim", "assign", "release", "transfer", "status", "tags"])
    agent: Any = serializers.PrimaryKeyRelatedField(queryset=Agent.objects.select_related("user"), required=False)
    team: Any = serializers.PrimaryKeyRelatedField(queryset=Team.objects.all(), required=False)
    department: Any = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False)
    status: Any = serializers.PrimaryKeyRelatedField(queryset=Status.objects.all(), required=False)
    tags = serializers.ListField(
        child=serializers.RegexField(r"^[^\s,]+$", max_length=64),
        required=False,
        default=list,
        help_text=_("They are added; those that are there stay."),
    )

    def validate_tickets(self, value: list[int]) -> list[Ticket]:
        """The rows, each once and the oldest first; all of them such that the asker sees them."""
        seen = Ticket.objects.visible_to(self.context["request"].user)
        found = list(seen.filter(pk__in=value).order_by("pk"))
        if missing := set(value) - {ticket.pk for ticket in found}:
            said = gettext("There is no ticket with the id %(id)d that you may see.") % {"id": min(missing)}
            raise serializers.ValidationError(said)
        return found

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The step must have what it needs."""
        names = NEEDS.get(attrs["do"], ())
        if names and not any(attrs.get(name) for name in names):
            raise serializers.ValidationError({names[0]: gettext("This step needs it.")})
        return attrs


class RefusedSerializer(serializers.Serializer[Any]):
    """A ticket that was left as it is, and why."""

    ticket = serializers.IntegerField()
    detail = serializers.CharField()


class DoneForManySerializer(serializers.Serializer[Any]):
    """What became of each."""

    done = serializers.ListField(child=serializers.IntegerField())
    refused = RefusedSerializer(many=True)
