"""Single entries and their files: read, edited, forwarded, fetched."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from tickets.api.front import ONCE, DeskViewSet, needs, once, taken_in
from tickets.choices import Permission
from tickets.models import Attachment, Entry
from tickets.serializers.thread import (
    CARRIED,
    AttachmentSerializer,
    EntryChangeSerializer,
    EntrySerializer,
    EntryVersionSerializer,
    ForwardSerializer,
)
from tickets.services import access, thread


@extend_schema(tags=["tickets"])
class EntryViewSet(RetrieveModelMixin, DeskViewSet):
    """Messages, responses and notes of tickets within reach."""

    queryset = Entry.objects.select_related("ticket").prefetch_related(*CARRIED)
    serializer_class = EntrySerializer
    through = "ticket"
    needs = needs(reads=("versions",), writes=("partial_update", "forward"))

    @extend_schema(request=EntryChangeSerializer, responses=EntrySerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Put other words in the place of the entry's; the old ones stay as a version."""
        entry, sent = self.get_object(), self.checked(EntryChangeSerializer).validated_data
        return self.shown(thread.edit_entry(entry, sent["text"], html=sent["html"], by=self.by()))

    @extend_schema(request=ForwardSerializer, responses={201: EntrySerializer, 200: EntrySerializer}, parameters=[ONCE])
    @action(detail=True, methods=["post"])
    def forward(self, request: Request, pk: str) -> Response:
        """Send the entry with its files, and others, to addresses outside; the note that tells so is the answer."""
        entry, sent = self.get_object(), self.checked(ForwardSerializer).validated_data
        access.require(self.by(), entry.ticket, Permission.FORWARD)
        agent, kept = access.agent_of(self.asker), taken_in(sent["files"])

        def make() -> Entry:
            to, also = tuple(sent["to"]), {"attachments": kept, "status": sent.get("status")}
            return thread.forward_entry(entry, to, sent["text"], by=self.by(), agent=agent, **also)

        made, status = once(request, make)
        return self.shown(made, status=status)

    @extend_schema(responses=EntryVersionSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def versions(self, request: Request, pk: str) -> Response:
        """How the entry read before, the latest first."""
        rows = self.get_object().versions.select_related("replaced_by").order_by("-pk")
        return Response(EntryVersionSerializer(rows, many=True).data)


@extend_schema(tags=["tickets"])
class AttachmentViewSet(RetrieveModelMixin, DeskViewSet):
    """Files of entries within reach."""

    queryset = Attachment.objects.select_related("file")
    serializer_class = AttachmentSerializer
    through = "entry__ticket"
    needs = needs(reads=("content",))

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True)
    def content(self, request: Request, pk: str) -> Any:
        """The bytes, always as a download of no particular type: what the sender claims is not believed."""
        attachment = self.get_object()
        return FileResponse(
            attachment.file.open(),
            as_attachment=True,
            filename=attachment.name,
            content_type="application/octet-stream",
            headers={"X-Content-Type-Options": "nosniff"},
        )
