"""What stands beside a ticket's conversation: its hosts one by one, one's own drafts, who else has it open."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from tickets.api.front import DeskViewSet
from tickets.models import Draft
from tickets.serializers.tickets import HostOfTicketSerializer, TicketDetailSerializer
from tickets.serializers.work import DraftSerializer, LookSerializer, ViewerSerializer
from tickets.services import machines, viewing


class BesideMixin(DeskViewSet):
    """Machines, drafts and viewers of a ticket."""

    @extend_schema(request=HostOfTicketSerializer, responses=TicketDetailSerializer)
    @action(detail=True, methods=["post"], url_path="hosts")
    def add_host(self, request: Request, pk: str) -> Response:
        """Say that the ticket is about a host, too."""
        ticket, sent = self.get_object(), self.checked(HostOfTicketSerializer).validated_data
        return self.shown(machines.add_host(ticket, sent["host"], by=self.by()))

    @extend_schema(responses=TicketDetailSerializer)
    @action(detail=True, methods=["delete"], url_path=r"hosts/(?P<host>\d+)")
    def remove_host(self, request: Request, pk: str, host: str) -> Response:
        """Say that it is not about it."""
        ticket = self.get_object()
        return self.shown(machines.remove_host(ticket, get_object_or_404(ticket.hosts.all(), pk=host), by=self.by()))

    @extend_schema(responses=DraftSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def drafts(self, request: Request, pk: str) -> Response:
        """What one typed here and did not send."""
        mine = Draft.objects.filter(ticket=self.get_object(), agent=self.agent).order_by("pk")
        return Response(DraftSerializer(mine, many=True).data)

    @extend_schema(request=DraftSerializer, responses={204: None})
    @drafts.mapping.put
    def keep_draft(self, request: Request, pk: str) -> Response:
        """Keep what one types, one draft for each kind; an empty text takes it away."""
        ticket, sent = self.get_object(), self.checked(DraftSerializer).validated_data
        viewing.keep_draft(ticket, self.agent, sent["kind"], sent["text"])
        return Response(status=204)

    @extend_schema(responses=ViewerSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def viewers(self, request: Request, pk: str) -> Response:
        """Who else has the ticket open at this moment, and who writes."""
        others = viewing.viewers(self.get_object(), but=self.agent_or_none)
        return Response(ViewerSerializer(others, many=True).data)

    @extend_schema(request=LookSerializer, responses={204: None})
    @viewers.mapping.post
    def look(self, request: Request, pk: str) -> Response:
        """Say that one has it open; to be said again within 45 seconds."""
        ticket, sent = self.get_object(), self.checked(LookSerializer).validated_data
        viewing.look(ticket, self.agent, read_up_to=sent["read_up_to"], is_writing=sent["is_writing"])
        return Response(status=204)
