"""The course of a ticket: who works on it and where it stands."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from tickets.api.front import DeskViewSet
from tickets.models import Ticket
from tickets.serializers.tickets import (
    AnsweredSerializer,
    AssignSerializer,
    ReferralSerializer,
    ReferSerializer,
    ReleaseSerializer,
    SetStatusSerializer,
    TicketDetailSerializer,
    TransferSerializer,
)
from tickets.services import assign, state
from tickets.tasks import send


class CourseMixin(DeskViewSet):
    """Steps of a ticket. Each answers with the ticket, or 204 where it left the sight of who asks."""

    @extend_schema(request=AssignSerializer, responses=TicketDetailSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        """Give the ticket to an agent, a team, or both."""
        ticket, sent = self.get_object(), self.checked(AssignSerializer).validated_data
        return self._after(assign.assign(ticket, by=self.by(), **sent))

    @extend_schema(request=None, responses=TicketDetailSerializer)
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, pk: str) -> Response:
        """Take the ticket oneself."""
        return self._after(assign.claim(self.get_object(), self.agent, by=self.by()))

    @extend_schema(request=ReleaseSerializer, responses=TicketDetailSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Response:
        """Give the ticket back to everybody."""
        ticket, sent = self.get_object(), self.checked(ReleaseSerializer).validated_data
        return self._after(assign.release(ticket, by=self.by(), **sent))

    @extend_schema(request=TransferSerializer, responses={200: TicketDetailSerializer, 204: None})
    @action(detail=True, methods=["post"])
    def transfer(self, request: Request, pk: str) -> Response:
        """Move the ticket to another department."""
        ticket, sent = self.get_object(), self.checked(TransferSerializer).validated_data
        return self._after(assign.transfer(ticket, by=self.by(), **sent))

    @extend_schema(request=ReferSerializer, responses={201: ReferralSerializer})
    @action(detail=True, methods=["post"])
    def refer(self, request: Request, pk: str) -> Response:
        """Let somebody see the ticket who is not in charge of it."""
        ticket, sent = self.get_object(), self.checked(ReferSerializer).validated_data
        row = assign.refer(ticket, by=self.by(), **sent)
        send.wake()
        return Response(ReferralSerializer(row).data, status=201)

    @extend_schema(responses={204: None})
    @action(detail=True, methods=["delete"], url_path=r"referrals/(?P<referral>\d+)")
    def end_referral(self, request: Request, pk: str, referral: str) -> Response:
        """Take that sight away again."""
        assign.end_referral(get_object_or_404(self.get_object().referrals.all(), pk=referral), by=self.by())
        return Response(status=204)

    @extend_schema(request=SetStatusSerializer, responses=TicketDetailSerializer)
    @action(detail=True, methods=["post"], url_path="status")
    def set_status(self, request: Request, pk: str) -> Response:
        """Resolve, close, archive, open again: give the ticket a status and with it the status's state."""
        ticket, sent = self.get_object(), self.checked(SetStatusSerializer).validated_data
        return self._after(state.set_status(ticket, sent["status"], by=self.by()))

    @extend_schema(request=AnsweredSerializer, responses=TicketDetailSerializer)
    @action(detail=True, methods=["post"], url_path="answered")
    def mark_answered(self, request: Request, pk: str) -> Response:
        """Say by hand whether the last word is ours."""
        ticket, sent = self.get_object(), self.checked(AnsweredSerializer).validated_data
        return self._after(state.mark_answered(ticket, is_answered=sent["is_answered"], by=self.by()))

    def _after(self, ticket: Ticket) -> Response:
        send.wake()
        return self.shown(ticket)
