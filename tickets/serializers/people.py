"""Contacts, agents, teams, departments and bans on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from hosts.models import Organization
from hosts.serializers.fields import VisibleRow
from tickets.models import Agent, Ban, Contact, Department, HelpTopic, Priority, Sla, Status, Team


class ContactSerializer(serializers.ModelSerializer[Contact]):
    """A person who asks for help. The first of `emails` is the one that mail goes to."""

    emails = serializers.ListField(
        child=serializers.EmailField(max_length=254), min_length=1, max_length=20, help_text="All of the addresses."
    )
    organization = VisibleRow(queryset=Organization.objects.all(), allow_null=True, required=False)

    class Meta:
        model = Contact
        fields = [
            "id", "name", "emails", "organization", "is_primary", "phone", "language", "time_zone", "notes",
            "created_at",
        ]  # fmt: skip
        read_only_fields = ["created_at"]

    def to_representation(self, instance: Contact) -> dict[str, Any]:
        rows = sorted(instance.addresses.all(), key=lambda one: (not one.is_main, one.pk))
        instance.emails = [one.email for one in rows]  # type: ignore[attr-defined]
        return super().to_representation(instance)


class ContactNameSerializer(serializers.ModelSerializer[Contact]):
    """A contact in few words."""

    class Meta:
        model = Contact
        fields = ["id", "name", "email"]
        read_only_fields = fields


class AgentSerializer(serializers.ModelSerializer[Agent]):
    """Somebody of the staff who answers tickets."""

    name = serializers.CharField(source="user.name", read_only=True)
    email = serializers.EmailField(source="user.email", read_only=True)

    class Meta:
        model = Agent
        fields = ["id", "name", "email", "department", "is_on_vacation", "only_assigned"]
        read_only_fields = fields


class TeamSerializer(serializers.ModelSerializer[Team]):
    """Agents who take tickets together."""

    class Meta:
        model = Team
        fields = ["id", "name", "lead", "members", "is_active"]
        read_only_fields = fields


class DepartmentSerializer(serializers.ModelSerializer[Department]):
    """A part of the house that tickets belong to."""

    class Meta:
        model = Department
        fields = ["id", "name", "parent", "manager", "sla", "is_public", "is_archived"]
        read_only_fields = fields


class StatusSerializer(serializers.ModelSerializer[Status]):
    """A house's own word for a state."""

    class Meta:
        model = Status
        fields = ["id", "name", "state", "is_first", "can_reopen"]
        read_only_fields = fields


class PrioritySerializer(serializers.ModelSerializer[Priority]):
    """How urgent; 1 is the most urgent."""

    class Meta:
        model = Priority
        fields = ["id", "name", "urgency", "is_default"]
        read_only_fields = fields


class HelpTopicSerializer(serializers.ModelSerializer[HelpTopic]):
    """What a request is about, and where that leads it."""

    class Meta:
        model = HelpTopic
        fields = ["id", "name", "parent", "department", "priority", "sla", "is_public", "is_archived"]
        read_only_fields = fields


class SlaSerializer(serializers.ModelSerializer[Sla]):
    """What is promised, in minutes."""

    class Meta:
        model = Sla
        fields = ["id", "name", "first_response_minutes", "resolve_minutes", "schedule", "is_active"]
        read_only_fields = fields


class BanSerializer(serializers.ModelSerializer[Ban]):
    """An address, or @domain, whose mail opens and joins nothing."""

    class Meta:
        model = Ban
        fields = ["id", "pattern", "notes", "created_at"]
        read_only_fields = ["created_at"]
        extra_kwargs: dict[str, dict[str, Any]] = {
            "pattern": {"validators": []}
        }  # once is enough: the second time gives the first
