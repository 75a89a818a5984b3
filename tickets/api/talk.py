"""The conversation of a ticket: read, and joined by messages, answers, notes and files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words
from tickets.api.front import ONCE, DeskViewSet, once, taken_in
from tickets.choices import EntryKind, Permission, TicketSource
from tickets.facts.verbs import NewEntry, NewFile
from tickets.models import Entry, Ticket
from tickets.serializers.thread import (
    CARRIED,
    EntrySerializer,
    EventSerializer,
    MessageSerializer,
    NoteSerializer,
    ReplySerializer,
    UploadSerializer,
)
from tickets.services import access, assign, canned, files, thread

SAID = {201: EntrySerializer, 200: EntrySerializer}


class TalkMixin(DeskViewSet):
    """What is said in a ticket."""

    @extend_schema(responses=EntrySerializer(many=True))
    @action(detail=True, filterset_class=None)
    def entries(self, request: Request, pk: str) -> Response:
        """What was said, newest first, with the files and how far the mails are that carry it."""
        rows = self.get_object().entries.prefetch_related(*CARRIED)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(EntrySerializer(page, many=True).data)

    @extend_schema(responses=EventSerializer(many=True))
    @action(detail=True, filterset_class=None)
    def events(self, request: Request, pk: str) -> Response:
        """What happened, newest first."""
        page = self.paginate_queryset(self.get_object().events.all()) or []
        return self.get_paginated_response(EventSerializer(page, many=True).data)

    @extend_schema(request=MessageSerializer, responses=SAID, parameters=[ONCE])
    @action(detail=True, methods=["post"])
    def message(self, request: Request, pk: str) -> Response:
        """Write down what a person outside said (by phone, say). It opens a finished ticket again."""
        ticket, sent = self.get_object(), self.checked(MessageSerializer).validated_data
        access.require(self.by(), ticket, Permission.CREATE)
        contact = sent.get("contact") or ticket.contact
        return self._said(lambda: thread.post_message(ticket, _new(ticket, sent, contact_id=contact.pk), by=self.by()))

    @extend_schema(request=ReplySerializer, responses=SAID, parameters=[ONCE])
    @action(detail=True, methods=["post"])
    def reply(self, request: Request, pk: str) -> Response:
        """Answer as the agent whose token it is; with `status` or `agent` the ticket goes there in the same step."""
        ticket, sent = self.get_object(), self.checked(ReplySerializer).validated_data
        agent = self.agent
        new = _new(ticket, sent, of_canned=canned.files_for([row.pk for row in sent["canned"]], ticket, self.asker))

        def make() -> Entry:
            goes = {"to": sent["to"], "signature": sent["signature"], "status": sent.get("status")}
            return self._given(thread.post_reply(ticket, new, by=self.by(), agent=agent, **goes), ticket, sent)

        return self._said(make)

    @extend_schema(request=NoteSerializer, responses=SAID, parameters=[ONCE])
    @action(detail=True, methods=["post"])
    def note(self, request: Request, pk: str) -> Response:
        """Write what only the staff reads."""
        ticket, sent = self.get_object(), self.checked(NoteSerializer).validated_data
        agent = access.agent_of(self.asker)
        new = _new(ticket, sent, title=sent["title"])

        def make() -> Entry:
            said = thread.post_note(ticket, new, by=self.by(), agent=agent, status=sent.get("status"))
            return self._given(said, ticket, sent)

        return self._said(make)

    @extend_schema(request=UploadSerializer, responses=SAID, parameters=[ONCE])
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def attach(self, request: Request, pk: str) -> Response:
        """Add files (multipart/form-data): as a note, or as a message of the owner."""
        ticket, sent = self.get_object(), self.checked(UploadSerializer).validated_data
        is_note = sent["kind"] == EntryKind.NOTE
        access.require(self.by(), ticket, Permission.NOTE if is_note else Permission.CREATE)
        kept = tuple(files.keep(one.name or "", one.content_type or "", one.chunks()) for one in sent["files"])
        new = NewEntry(text=sent["text"], attachments=kept, source=TicketSource.API, contact_id=_owner(ticket, is_note))

        def make() -> Entry:
            if is_note:
                return thread.post_note(ticket, new, by=self.by(), agent=access.agent_of(self.asker))
            return thread.post_message(ticket, new, by=self.by())

        return self._said(make, extra=_digests(kept))

    def _given(self, entry: Entry, ticket: Ticket, sent: dict[str, Any]) -> Entry:
        """The entry, and its ticket to the agent who was named with it; within the transaction of `once`."""
        if sent.get("agent") is not None:
            assign.assign(ticket, agent=sent["agent"], by=self.by())
        return entry

    def _said(self, make: Callable[[], Entry], *, extra: object = None) -> Response:
        entry, status = once(self.request, make, extra=extra)
        fresh = Entry.objects.prefetch_related(*CARRIED).get(pk=entry.pk)
        if not Ticket.objects.visible_to(self.asker).filter(pk=fresh.ticket_id).exists():
            return Response(status=204)
        return Response(EntrySerializer(fresh).data, status=status)


def _new(ticket: Ticket, sent: dict[str, Any], *, of_canned: tuple[NewFile, ...] = (), **more: Any) -> NewEntry:
    answered = sent.get("reply_to")
    if answered is not None and answered.ticket_id != ticket.pk:
        raise BadInput(
            words(gettext_noop("The entry that is answered belongs to another ticket. Nothing was posted.")),
            field="reply_to",
        )
    return NewEntry(
        text=sent["text"],
        html=sent["html"],
        attachments=(*taken_in(sent["files"]), *of_canned),
        minutes_spent=sent["minutes_spent"],
        reply_to_id=answered.pk if answered is not None else None,
        source=TicketSource.API,
        **more,
    )


def _owner(ticket: Ticket, is_note: bool) -> int | None:  # noqa: FBT001  (the one thing that it depends on)
    return None if is_note else ticket.contact_id


def _digests(kept: tuple[NewFile, ...]) -> list[str]:
    return [one.sha256 for one in kept]
