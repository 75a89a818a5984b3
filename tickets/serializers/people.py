"""Contacts, what is known of organizations, and bans on the wire."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from hosts.models import Organization, User
from hosts.serializers.fields import SaidField, VisibleRow
from tickets.facts.merging import MergePlan
from tickets.models import Agent, Ban, Contact, ContactAddress, Customer, Sla
from tickets.services import contacts


@extend_schema_field(OpenApiTypes.INT)
class SeenContact(VisibleRow):
    """The id of a person whom the asker works with: of their organizations, or of tickets that they see."""

    def get_queryset(self) -> Any:
        request = self.context.get("request")
        user = getattr(request, "user", None)
        return contacts.seen_by(user) if isinstance(user, User) else Contact.objects.none()


class AddressSerializer(serializers.ModelSerializer[ContactAddress]):
    """One of the addresses. Where mail came back, `failed_at` says when and `failed_why` why."""

    failed_why = SaidField()

    class Meta:
        model = ContactAddress
        fields = ["id", "email", "is_main", "failed_at", "failed_why"]
        read_only_fields = fields


class ContactSerializer(serializers.ModelSerializer[Contact]):
    """A person who asks for help. The first of `emails` is the one that mail goes to."""

    emails = serializers.ListField(
        child=serializers.EmailField(max_length=254), min_length=1, max_length=20, help_text=_("All of the addresses.")
    )
    addresses = AddressSerializer(many=True, read_only=True)
    login: Any = serializers.PrimaryKeyRelatedField(
        source="user",
        queryset=User.objects.filter(is_staff=False, is_active=True),
        allow_null=True,
        required=False,
        help_text=_("The id of a person who is no staff; given by those who may see people."),
    )
    organization = VisibleRow(queryset=Organization.objects.all(), allow_null=True, required=False)

    class Meta:
        model = Contact
        fields = [
            "id", "name", "emails", "addresses", "organization", "is_primary", "phone", "language", "time_zone",
            "notes", "login", "created_at",
        ]  # fmt: skip
        read_only_fields = ["created_at"]

    def validate_login(self, value: User | None) -> User | None:
        """A login shows its person the tickets of the contact."""
        user = getattr(self.context.get("request"), "user", None)
        if not isinstance(user, User) or not user.has_perm("hosts.view_user"):
            raise serializers.ValidationError(gettext("Only those who may see people give somebody a login."))
        return value

    def to_representation(self, instance: Contact) -> dict[str, Any]:
        rows = sorted(instance.addresses.all(), key=lambda one: (not one.is_main, one.pk))
        instance.emails = [one.email for one in rows]  # type: ignore[attr-defined]
        shown = super().to_representation(instance)
        shown["addresses"] = AddressSerializer(rows, many=True, context=self.context).data
        return shown


class ContactNameSerializer(serializers.ModelSerializer[Contact]):
    """A contact in few words."""

    class Meta:
        model = Contact
        fields = ["id", "name", "email"]
        read_only_fields = fields


class OtherContactSerializer(serializers.Serializer[Any]):
    """The other person, who is the same as this one."""

    contact = SeenContact(queryset=Contact.objects.all())


class MergePlanSerializer(serializers.Serializer[Any]):
    """What a merge of two contacts would do: how much comes along, and what of the other one's card is kept or lost."""

    tickets = serializers.IntegerField()
    open_tickets = serializers.IntegerField()
    hidden_tickets = serializers.IntegerField(help_text=_("Of them beyond the sight of who asks."))
    entries = serializers.IntegerField()
    copies = serializers.IntegerField()
    mails = serializers.IntegerField()
    emails = serializers.ListField(child=serializers.CharField())
    takes_login = serializers.BooleanField()
    takes = serializers.ListField(child=serializers.CharField(), help_text=_("Columns that this contact lacks."))
    loses = serializers.DictField(
        child=serializers.CharField(), help_text=_("What the other one has otherwise, and is not kept.")
    )
    refused = serializers.SerializerMethodField(help_text=_("Why they cannot be merged; empty where they can."))

    def get_refused(self, plan: MergePlan) -> str:
        return plan.refused.said_by(gettext) if plan.refused is not None else ""


class MoveAddressSerializer(serializers.Serializer[Any]):
    """An address of this person (its id), and whose it is from now on."""

    address = serializers.IntegerField(min_value=1)
    to = SeenContact(queryset=Contact.objects.all())


class OneAddressSerializer(serializers.Serializer[Any]):
    """An address of this person, by its id."""

    address = serializers.IntegerField(min_value=1)


class DomainsField(serializers.ListField):
    """Mail domains as their names."""

    def get_attribute(self, instance: Customer) -> list[str]:
        return sorted(one.domain for one in instance.domains.all()) if instance.pk else []


class CustomerSerializer(serializers.ModelSerializer[Customer]):
    """What the desk knows of an organization; its id is that of the organization. `domains` replaces all of them."""

    id = serializers.IntegerField(source="organization_id", read_only=True)
    name = serializers.CharField(source="organization", read_only=True)
    domains = DomainsField(
        child=serializers.CharField(max_length=253), max_length=100, help_text=_("Mail domains of its people.")
    )
    account_manager: Any = serializers.PrimaryKeyRelatedField(
        queryset=Agent.objects.filter(user__is_active=True), allow_null=True, required=False
    )
    sla: Any = serializers.PrimaryKeyRelatedField(
        queryset=Sla.objects.filter(is_active=True), allow_null=True, required=False
    )

    class Meta:
        model = Customer
        fields = ["id", "name", "domains", "account_manager", "assigns_manager", "sharing", "sla", "notes"]


class BanSerializer(serializers.ModelSerializer[Ban]):
    """An address, or @domain, whose mail opens and joins nothing."""

    class Meta:
        model = Ban
        fields = ["id", "pattern", "notes", "created_at"]
        read_only_fields = ["created_at"]
        extra_kwargs: dict[str, dict[str, Any]] = {
            "pattern": {"validators": []}
        }  # once is enough: the second time gives the first
