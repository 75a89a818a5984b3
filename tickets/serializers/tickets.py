"""Tickets on the wire: as lists and pages show them, and what opens and changes them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from hosts.models import Host, Organization
from hosts.serializers.fields import VisibleRow
from hosts.serializers.fleet import TagNamesField
from tickets.choices import TicketSource
from tickets.models import (
    Agent,
    Collaborator,
    Contact,
    Department,
    Entry,
    HelpTopic,
    Priority,
    Referral,
    Sla,
    Status,
    Team,
    Ticket,
)
from tickets.serializers.people import ContactNameSerializer, SeenContact
from tickets.serializers.thread import FilesField

OPENED_HERE = [(one.value, one.label) for one in (TicketSource.API, TicketSource.DESK, TicketSource.PHONE)]


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    """A ticket as a line of a list. Rows are named by their ids; names stand beside them."""

    contact = ContactNameSerializer(read_only=True)
    organization_name = serializers.CharField(source="organization", allow_null=True, read_only=True)
    department_name = serializers.CharField(source="department", read_only=True)
    status_name = serializers.CharField(source="status", read_only=True)
    priority_name = serializers.CharField(source="priority", read_only=True)
    agent_name = serializers.CharField(source="agent", allow_null=True, read_only=True)
    team_name = serializers.CharField(source="team", allow_null=True, read_only=True)
    tags = TagNamesField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Ticket
        fields = [
            "id", "number", "subject", "state", "status", "status_name", "priority", "priority_name", "source",
            "contact", "organization", "organization_name", "department", "department_name", "topic", "agent",
            "agent_name", "team", "team_name", "tags", "is_answered", "is_overdue", "sla", "first_response_due_at",
            "sla_due_at", "due_at", "created_at", "active_at", "last_message_at", "last_response_at",
            "first_response_at", "reopened_at", "resolved_at", "closed_at", "minutes_spent", "merged_into", "follows",
        ]  # fmt: skip
        read_only_fields = fields


class CollaboratorSerializer(serializers.ModelSerializer[Collaborator]):
    """A person in copy. One who is not active waits for an agent's word."""

    contact = ContactNameSerializer(read_only=True)

    class Meta:
        model = Collaborator
        fields = ["id", "contact", "is_active", "added_at"]
        read_only_fields = fields


class ReferralSerializer(serializers.ModelSerializer[Referral]):
    """Sight of a ticket for one who is not in charge."""

    class Meta:
        model = Referral
        fields = ["id", "agent", "team", "department", "made_at"]
        read_only_fields = fields


class TicketDetailSerializer(TicketSerializer):
    """A ticket with everything around it but its conversation, which `entries/` gives page by page."""

    hosts: Any = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    collaborators = CollaboratorSerializer(many=True, read_only=True)
    referrals = ReferralSerializer(many=True, read_only=True)
    followers = serializers.SerializerMethodField(help_text="Ids of agents.")
    merged = serializers.SerializerMethodField(help_text="Ids of the tickets that were merged into this one.")
    linked = serializers.SerializerMethodField(help_text="Ids of tickets that belong together with this one.")

    class Meta(TicketSerializer.Meta):
        fields = [*TicketSerializer.Meta.fields, "hosts", "collaborators", "referrals", "followers", "merged", "linked"]
        read_only_fields = fields

    def get_followers(self, ticket: Ticket) -> list[int]:
        return [one.agent_id for one in ticket.followers.all()]

    def get_merged(self, ticket: Ticket) -> list[int]:
        return [one.pk for one in ticket.merged.all()]

    def get_linked(self, ticket: Ticket) -> list[int]:
        return [*(one.second_id for one in ticket.links_to.all()), *(one.first_id for one in ticket.links_from.all())]


class PersonSerializer(serializers.Serializer[Any]):
    """An address and the name to it."""

    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "On behalf of a customer",
            value={
                "subject": "VF 3 of xen03 has no link",
                "text": "Since 09:40 the guest sees no carrier.",
                "email": "minji@customer.example",
                "name": "Minji Kim",
                "priority": 2,
                "hosts": [3],
                "tags": ["network"],
            },
            request_only=True,
        )
    ]
)
class NewTicketSerializer(serializers.Serializer[Any]):
    """A request. Its owner is `contact`, or the person of `email`; what is left out is found by topic and desk."""

    subject = serializers.CharField(max_length=255)
    text = serializers.CharField(trim_whitespace=False, max_length=1_000_000)
    html = serializers.CharField(required=False, allow_blank=True, default="", max_length=2_000_000)
    contact = SeenContact(queryset=Contact.objects.all(), required=False, allow_null=True)
    email = serializers.EmailField(max_length=254, required=False)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    source: Any = serializers.ChoiceField(choices=OPENED_HERE, default=TicketSource.API)
    organization = VisibleRow(queryset=Organization.objects.all(), required=False, allow_null=True)
    department: Any = serializers.PrimaryKeyRelatedField(
        queryset=Department.objects.filter(is_archived=False), required=False, allow_null=True
    )
    topic: Any = serializers.PrimaryKeyRelatedField(
        queryset=HelpTopic.objects.filter(is_archived=False), required=False, allow_null=True
    )
    priority: Any = serializers.PrimaryKeyRelatedField(queryset=Priority.objects.all(), required=False, allow_null=True)
    sla: Any = serializers.PrimaryKeyRelatedField(
        queryset=Sla.objects.filter(is_active=True), required=False, allow_null=True
    )
    agent: Any = serializers.PrimaryKeyRelatedField(queryset=Agent.objects.at_work(), required=False, allow_null=True)
    team: Any = serializers.PrimaryKeyRelatedField(
        queryset=Team.objects.filter(is_active=True), required=False, allow_null=True
    )
    due_at = serializers.DateTimeField(required=False, allow_null=True)
    collaborators = PersonSerializer(many=True, required=False, default=list)
    hosts = VisibleRow(queryset=Host.objects.all(), many=True, required=False, default=list)
    tags = serializers.ListField(
        child=serializers.RegexField(r"^[^\s,]+$", max_length=64), required=False, default=list
    )
    files = FilesField()
    cause_key = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text=_("One open ticket for each.")
    )
    acknowledges = serializers.BooleanField(default=True, help_text=_("Whether the owner is told that it is open."))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("contact") and not attrs.get("email"):
            raise serializers.ValidationError({"email": _("Say whose ticket it is: a contact or an address.")})
        return attrs


class TicketChangeSerializer(serializers.ModelSerializer[Ticket]):
    """What a ticket is filed under."""

    organization = VisibleRow(queryset=Organization.objects.all(), required=False, allow_null=True)
    hosts = VisibleRow(queryset=Host.objects.all(), many=True, required=False)
    tags = serializers.ListField(child=serializers.RegexField(r"^[^\s,]+$", max_length=64), required=False)

    class Meta:
        model = Ticket
        fields = ["subject", "topic", "priority", "sla", "due_at", "source", "organization", "hosts", "tags"]


class AssignSerializer(serializers.Serializer[Any]):
    """Who gets the ticket. What is left out stays."""

    agent: Any = serializers.PrimaryKeyRelatedField(queryset=Agent.objects.select_related("user"), required=False)
    team: Any = serializers.PrimaryKeyRelatedField(queryset=Team.objects.all(), required=False)
    comments = serializers.CharField(required=False, allow_blank=True, default="")


class ReleaseSerializer(serializers.Serializer[Any]):
    """What is taken off the ticket."""

    agent = serializers.BooleanField(default=True)
    team = serializers.BooleanField(default=True)


class TransferSerializer(serializers.Serializer[Any]):
    """Where the ticket goes."""

    department: Any = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all())
    comments = serializers.CharField(required=False, allow_blank=True, default="")
    keeps_sight = serializers.BooleanField(default=False, help_text=_("The old department still sees it."))


class ReferSerializer(serializers.Serializer[Any]):
    """Who may see the ticket: exactly one of the three."""

    agent: Any = serializers.PrimaryKeyRelatedField(queryset=Agent.objects.select_related("user"), required=False)
    team: Any = serializers.PrimaryKeyRelatedField(queryset=Team.objects.all(), required=False)
    department: Any = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False)
    comments = serializers.CharField(required=False, allow_blank=True, default="")


class SetStatusSerializer(serializers.Serializer[Any]):
    """Where the ticket stands from now on."""

    status: Any = serializers.PrimaryKeyRelatedField(queryset=Status.objects.all())


class AnsweredSerializer(serializers.Serializer[Any]):
    """Whether the last word is ours."""

    is_answered = serializers.BooleanField()


class MergeSerializer(serializers.Serializer[Any]):
    """The tickets whose conversations come into this one."""

    tickets = VisibleRow(queryset=Ticket.objects.all(), many=True, allow_empty=False)


class OneTicketSerializer(serializers.Serializer[Any]):
    """Another ticket."""

    ticket = VisibleRow(queryset=Ticket.objects.all())


class HostOfTicketSerializer(serializers.Serializer[Any]):
    """A host of the ticket's organization, or of none."""

    host = VisibleRow(queryset=Host.objects.all())


class SplitSerializer(serializers.Serializer[Any]):
    """Entries that become a ticket of their own."""

    entries: Any = serializers.PrimaryKeyRelatedField(queryset=Entry.objects.all(), many=True, allow_empty=False)
    subject = serializers.CharField(max_length=255)


class OwnerSerializer(serializers.Serializer[Any]):
    """Whose ticket it is from now on."""

    contact = SeenContact(queryset=Contact.objects.all())
    keeps_old = serializers.BooleanField(default=True, help_text=_("The old owner stays in copy."))


class CountsSerializer(serializers.Serializer[Any]):
    """How many tickets wait in each queue."""

    open = serializers.IntegerField()
    answered = serializers.IntegerField()
    overdue = serializers.IntegerField()
    mine = serializers.IntegerField()
    teams = serializers.IntegerField()
    unassigned = serializers.IntegerField()
    resolved = serializers.IntegerField()
