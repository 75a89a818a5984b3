"""Contacts and bans; and the desk's order to be read: departments, teams, agents, statuses and what else has ids."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from hosts.api.front import apply_fields
from tickets.api.front import DeskViewSet, needs
from tickets.models import Agent, Ban, Contact, Department, HelpTopic, Priority, Sla, Status, Team
from tickets.serializers.filters import ContactFilter
from tickets.serializers.people import (
    AgentSerializer,
    BanSerializer,
    ContactSerializer,
    DepartmentSerializer,
    HelpTopicSerializer,
    PrioritySerializer,
    SlaSerializer,
    StatusSerializer,
    TeamSerializer,
)
from tickets.services import access, people


class OrderViewSet(ListModelMixin, RetrieveModelMixin, DeskViewSet):
    """Rows of the desk's order, for agents and administrators. They are set in the panel."""

    needs = needs()

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows if self.asker.is_superuser or access.agent_of(self.asker) else rows.none()


@extend_schema(tags=["contacts"])
class ContactViewSet(ListModelMixin, RetrieveModelMixin, DeskViewSet):
    """People who ask for help, of the organizations that the asker sees."""

    queryset = Contact.objects.select_related("organization").prefetch_related("addresses")
    serializer_class = ContactSerializer
    filterset_class = ContactFilter
    needs = needs(writes=("create", "partial_update"))

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows if self.asker.is_superuser or access.agent_of(self.asker) else rows.none()

    def create(self, request: Request) -> Response:
        """Add a person."""
        return self._saved(Contact(), self.checked(ContactSerializer).validated_data, status=201)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is named; `emails` replaces all of the addresses."""
        row = self.get_object()
        return self._saved(row, self.checked(ContactSerializer, instance=row, partial=True).validated_data)

    def _saved(self, row: Contact, sent: dict[str, Any], *, status: int = 200) -> Response:
        emails = sent.get("emails")
        if emails is None:
            emails = [one.email for one in sorted(row.addresses.all(), key=lambda one: (not one.is_main, one.pk))]
        people.save_contact(apply_fields(row, sent, leave_out=("emails",)), emails, by=self.by())
        return self.shown(row, status=status)


@extend_schema(tags=["contacts"])
class BanViewSet(OrderViewSet):
    """Addresses and domains whose mail opens and joins nothing."""

    queryset = Ban.objects.all()
    serializer_class = BanSerializer
    filterset_fields = ["pattern"]
    needs = needs(writes=("create", "destroy"))

    def create(self, request: Request) -> Response:
        """Ban an address, or a domain as @example.com. Once is enough."""
        sent = self.checked(BanSerializer).validated_data
        return self.shown(people.ban(sent["pattern"], notes=sent.get("notes", ""), by=self.by()), status=201)

    def destroy(self, request: Request, pk: str) -> Response:
        """Let its mail in again."""
        people.unban(self.get_object(), by=self.by())
        return Response(status=204)


@extend_schema(tags=["desk"])
class DepartmentViewSet(OrderViewSet):
    """Parts of the house that tickets belong to."""

    queryset = Department.objects.all()
    serializer_class = DepartmentSerializer
    filterset_fields = ["name", "is_archived"]


@extend_schema(tags=["desk"])
class TeamViewSet(OrderViewSet):
    """Agents who take tickets together."""

    queryset = Team.objects.prefetch_related("members")
    serializer_class = TeamSerializer
    filterset_fields = ["name", "is_active"]


@extend_schema(tags=["desk"])
class AgentViewSet(OrderViewSet):
    """The staff that answers tickets."""

    queryset = Agent.objects.filter(user__is_active=True).select_related("user")
    serializer_class = AgentSerializer
    filterset_fields = ["department", "is_on_vacation"]


@extend_schema(tags=["desk"])
class StatusViewSet(OrderViewSet):
    """The house's words for the five states."""

    queryset = Status.objects.all()
    serializer_class = StatusSerializer
    filterset_fields = ["name", "state", "is_first"]


@extend_schema(tags=["desk"])
class PriorityViewSet(OrderViewSet):
    """How urgent a ticket can be."""

    queryset = Priority.objects.all()
    serializer_class = PrioritySerializer
    filterset_fields = ["name"]


@extend_schema(tags=["desk"])
class HelpTopicViewSet(OrderViewSet):
    """What a request can be about."""

    queryset = HelpTopic.objects.all()
    serializer_class = HelpTopicSerializer
    filterset_fields = ["name", "is_archived"]


@extend_schema(tags=["desk"])
class SlaViewSet(OrderViewSet):
    """What is promised."""

    queryset = Sla.objects.all()
    serializer_class = SlaSerializer
    filterset_fields = ["name", "is_active"]
