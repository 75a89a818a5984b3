"""Tickets: listed, read, searched, opened, filed, deleted and brought back."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words
from hosts.services.fleet import tag_of
from tickets.api.beside import BesideMixin
from tickets.api.course import CourseMixin
from tickets.api.front import ONCE, DeskViewSet, needs, once, taken_in
from tickets.api.many import ManyMixin
from tickets.api.people_around import PeopleAroundMixin
from tickets.api.talk import TalkMixin
from tickets.api.together import TogetherMixin
from tickets.choices import TicketSource
from tickets.facts.verbs import NewEntry, NewTicket
from tickets.models import Ticket
from tickets.serializers.filters import TicketFilter
from tickets.serializers.tickets import (
    CountsSerializer,
    NewTicketSerializer,
    TicketChangeSerializer,
    TicketDetailSerializer,
    TicketSerializer,
)
from tickets.services import filing, queues, state, tickets
from tickets.tasks import send

QUEUE = OpenApiParameter("queue", str, enum=queues.QUEUES, description="One of the desk's queues.")
NEW = {201: TicketDetailSerializer, 200: TicketDetailSerializer}


@extend_schema(tags=["tickets"])
class TicketViewSet(
    TalkMixin,
    CourseMixin,
    TogetherMixin,
    PeopleAroundMixin,
    BesideMixin,
    ManyMixin,
    ListModelMixin,
    RetrieveModelMixin,
    DeskViewSet,
):
    """Requests of customers. Agents see those of their departments, their own and what was referred to them."""

    queryset = Ticket.objects.shown_whole()
    serializer_class = TicketSerializer
    detail_serializer_class = TicketDetailSerializer
    filterset_class = TicketFilter
    needs = needs(
        reads=("counts", "entries", "events", "drafts", "viewers"),
        writes=(
            "create", "partial_update", "destroy", "restore", "message", "reply", "note", "attach", "assign", "claim",
            "release", "transfer", "refer", "end_referral", "set_status", "mark_answered", "merge", "unmerge", "split",
            "link", "unlink", "change_owner", "add_collaborator", "remove_collaborator", "follow", "unfollow",
            "add_host", "remove_host", "keep_draft", "look", "selected",
        ),
    )  # fmt: skip

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        if self.action == "restore":
            return Ticket.objects.within_reach_of(self.asker).shown_whole()
        if self.action == "list":
            queue = self.request.query_params.get("queue", "")
            return self._in_queue(rows, queue) if queue else rows
        if self.action in ("entries", "events", "drafts", "keep_draft", "viewers", "look"):
            return rows
        return rows.prefetch_related(
            "hosts", "collaborators__contact__addresses", "referrals", "followers", "merged", "links_to", "links_from"
        )

    @extend_schema(parameters=[QUEUE])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Tickets, newest first; all conditions of the query must hold."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=NewTicketSerializer, responses=NEW, parameters=[ONCE])
    def create(self, request: Request) -> Response:
        """Open a ticket. Its owner is told unless `acknowledges` is false."""
        sent = self.checked(NewTicketSerializer).validated_data

        def make() -> Ticket:
            return tickets.open_ticket(_new_ticket(sent), by=self.by())

        ticket, status = once(request, make)
        return self.shown(ticket, status=status)

    @extend_schema(request=TicketChangeSerializer, responses=TicketDetailSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what the ticket is filed under; what is not named stays."""
        ticket = self.get_object()
        sent = self.checked(TicketChangeSerializer, instance=ticket, partial=True).validated_data
        tags = sent.pop("tags", None)
        hosts = sent.pop("hosts", None)
        rows = None if tags is None else [tag_of(name) for name in tags]
        filing.refile(ticket, sent, tags=rows, hosts=hosts, by=self.by())
        return self.shown(ticket)

    def destroy(self, request: Request, pk: str) -> Response:
        """Take the ticket out of every list; `restore` brings it back."""
        state.delete(self.get_object(), by=self.by())
        return Response(status=204)

    @extend_schema(request=None, responses=TicketDetailSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Bring a deleted ticket back into the state that it had."""
        ticket = state.restore(self.get_object(), by=self.by())
        send.wake()
        return self.shown(ticket)

    @extend_schema(responses=CountsSerializer)
    @action(detail=False, pagination_class=None, filterset_class=None)
    def counts(self, request: Request) -> Response:
        """How many tickets wait in each queue for the one who asks."""
        return Response(queues.counts(self.asker))

    def _in_queue(self, rows: Any, name: str) -> Any:
        if name not in queues.QUEUES:
            raise BadInput(words(gettext_noop("There is no queue “%(name)s”."), name=name[:40]), field="queue")
        return rows.filter(pk__in=queues.queue_of(self.asker, name).values("pk"))


def _new_ticket(sent: dict[str, Any]) -> NewTicket:
    """What was sent, as the verb takes it. The files are kept here, before anything is written."""

    def key(name: str) -> int | None:
        row = sent.get(name)
        return row.pk if row is not None else None

    return NewTicket(
        subject=sent["subject"],
        entry=NewEntry(text=sent["text"], html=sent["html"], attachments=taken_in(sent["files"])),
        contact_id=key("contact"),
        email=sent.get("email", ""),
        name=sent["name"],
        source=TicketSource(sent["source"]),
        department_id=key("department"),
        topic_id=key("topic"),
        priority_id=key("priority"),
        sla_id=key("sla"),
        agent_id=key("agent"),
        team_id=key("team"),
        organization_id=key("organization"),
        due_at=sent.get("due_at"),
        collaborators=tuple((one["email"], one["name"]) for one in sent["collaborators"]),
        host_ids=tuple(host.pk for host in sent["hosts"]),
        tag_ids=tuple(tag_of(name).pk for name in sent["tags"]),
        cause_key=sent["cause_key"],
        acknowledges=sent["acknowledges"],
    )
