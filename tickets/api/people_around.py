"""People around a ticket: its owner, who is in copy, who follows."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from tickets.api.front import DeskViewSet
from tickets.serializers.tickets import (
    CollaboratorSerializer,
    OwnerSerializer,
    PersonSerializer,
    TicketDetailSerializer,
)
from tickets.services import assign, sharing


class PeopleAroundMixin(DeskViewSet):
    """Who gets what is said."""

    @extend_schema(request=OwnerSerializer, responses=TicketDetailSerializer)
    @action(detail=True, methods=["post"], url_path="owner")
    def change_owner(self, request: Request, pk: str) -> Response:
        """Give the ticket to another person outside."""
        ticket, sent = self.get_object(), self.checked(OwnerSerializer).validated_data
        return self.shown(sharing.change_owner(ticket, sent["contact"], keeps_old=sent["keeps_old"], by=self.by()))

    @extend_schema(request=PersonSerializer, responses={201: CollaboratorSerializer})
    @action(detail=True, methods=["post"], url_path="collaborators")
    def add_collaborator(self, request: Request, pk: str) -> Response:
        """Put a person in copy, or let one in who waits."""
        ticket, sent = self.get_object(), self.checked(PersonSerializer).validated_data
        row = sharing.add_collaborator(ticket, sent["email"], sent["name"], by=self.by())
        return Response(CollaboratorSerializer(row).data, status=201)

    @extend_schema(responses={204: None})
    @action(detail=True, methods=["delete"], url_path=r"collaborators/(?P<collaborator>\d+)")
    def remove_collaborator(self, request: Request, pk: str, collaborator: str) -> Response:
        """Take a person out of copy."""
        rows = self.get_object().collaborators.select_related("contact", "ticket")
        sharing.remove_collaborator(get_object_or_404(rows, pk=collaborator), by=self.by())
        return Response(status=204)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def follow(self, request: Request, pk: str) -> Response:
        """Be told of what happens to the ticket."""
        assign.follow(self.get_object(), self.agent, by=self.by())
        return Response(status=204)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def unfollow(self, request: Request, pk: str) -> Response:
        """Be told no more."""
        assign.unfollow(self.get_object(), self.agent, by=self.by())
        return Response(status=204)
