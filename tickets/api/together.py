"""Tickets joined and parted."""

from __future__ import annotations

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from tickets.api.front import ONCE, DeskViewSet, once
from tickets.models import Ticket, TicketLink
from tickets.serializers.tickets import MergeSerializer, OneTicketSerializer, SplitSerializer, TicketDetailSerializer
from tickets.services import sharing

MADE = {201: TicketDetailSerializer, 200: TicketDetailSerializer}


class TogetherMixin(DeskViewSet):
    """Merges and what undoes them, splits, links."""

    @extend_schema(request=MergeSerializer, responses=TicketDetailSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str) -> Response:
        """Put the conversations of other tickets into this one; they are closed and point at it."""
        ticket, sent = self.get_object(), self.checked(MergeSerializer).validated_data
        return self.shown(sharing.merge(ticket, sent["tickets"], by=self.by()))

    @extend_schema(request=None, responses=TicketDetailSerializer)
    @action(detail=True, methods=["post"])
    def unmerge(self, request: Request, pk: str) -> Response:
        """Take this ticket out of the one that it was merged into, with its own entries."""
        return self.shown(sharing.unmerge(self.get_object(), by=self.by()))

    @extend_schema(request=SplitSerializer, responses=MADE, parameters=[ONCE])
    @action(detail=True, methods=["post"])
    def split(self, request: Request, pk: str) -> Response:
        """Move entries into a new ticket, which is the answer."""
        ticket, sent = self.get_object(), self.checked(SplitSerializer).validated_data

        def make() -> Ticket:
            return sharing.split(ticket, sent["entries"], sent["subject"], by=self.by())

        made, status = once(request, make)
        return self.shown(made, status=status)

    @extend_schema(request=OneTicketSerializer, responses=TicketDetailSerializer)
    @action(detail=True, methods=["post"])
    def link(self, request: Request, pk: str) -> Response:
        """Say that another ticket belongs together with this one."""
        ticket, sent = self.get_object(), self.checked(OneTicketSerializer).validated_data
        sharing.link(ticket, sent["ticket"], by=self.by())
        return self.shown(ticket)

    @extend_schema(request=OneTicketSerializer, responses=TicketDetailSerializer)
    @action(detail=True, methods=["post"])
    def unlink(self, request: Request, pk: str) -> Response:
        """Say that they do not."""
        ticket, other = self.get_object(), self.checked(OneTicketSerializer).validated_data["ticket"]
        both = Q(first=ticket, second=other) | Q(first=other, second=ticket)
        sharing.unlink(get_object_or_404(TicketLink.objects.select_related("first", "second"), both), by=self.by())
        return self.shown(ticket)
