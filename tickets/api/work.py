"""Tasks, canned responses, saved queues and webhooks."""

from __future__ import annotations

import secrets
from typing import Any

from django.db.models import Q
from django.http import FileResponse, Http404, QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from hosts.api.front import apply_fields
from tickets.api.front import ONCE, DeskViewSet, needs, once, taken_in
from tickets.choices import Permission
from tickets.forms.queue import QueueForm
from tickets.models import CannedResponse, SavedQueue, Task, Ticket, Webhook, WebhookDelivery
from tickets.serializers.filters import DeliveryFilter, TaskFilter
from tickets.serializers.tickets import TicketSerializer
from tickets.serializers.work import (
    CannedSerializer,
    DoneSerializer,
    FilledSerializer,
    NewWebhookSerializer,
    QueueSerializer,
    TaskChangeSerializer,
    TaskSerializer,
    WebhookDeliverySerializer,
    WebhookSerializer,
)
from tickets.services import access, canned, queues, webhooks, work
from tickets.tasks import call_webhooks, send

SECRET_BYTES = 32
CHANGES = ("create", "partial_update", "destroy")


@extend_schema(tags=["tasks"])
class TaskViewSet(ListModelMixin, RetrieveModelMixin, DeskViewSet):
    """Pieces of work on tickets within reach."""

    queryset = Task.objects.select_related("ticket", "department", "agent__user", "team")
    serializer_class = TaskSerializer
    filterset_class = TaskFilter
    through = "ticket"
    needs = needs(writes=(*CHANGES, "done"))

    @extend_schema(responses={201: TaskSerializer, 200: TaskSerializer}, parameters=[ONCE])
    def create(self, request: Request) -> Response:
        """Put a task on a ticket. A ticket with an open one is not resolved."""
        sent = dict(self.checked(TaskSerializer).validated_data)
        ticket, title = sent.pop("ticket"), sent.pop("title")

        def make() -> Task:
            return work.add_task(ticket, title, by=self.by(), **sent)

        task, status = once(request, make)
        return self.shown(task, status=status)

    @extend_schema(request=TaskChangeSerializer, responses=TaskSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is named."""
        task = self.get_object()
        sent = self.checked(TaskChangeSerializer, instance=task, partial=True).validated_data
        work.edit_task(task, sent, by=self.by())
        send.wake()
        return self.shown(task)

    def destroy(self, request: Request, pk: str) -> Response:
        """Take it off the ticket."""
        work.delete_task(self.get_object(), by=self.by())
        return Response(status=204)

    @extend_schema(request=DoneSerializer, responses=TaskSerializer)
    @action(detail=True, methods=["post"])
    def done(self, request: Request, pk: str) -> Response:
        """It is done, or it is to be done after all."""
        task, sent = self.get_object(), self.checked(DoneSerializer).validated_data
        work.set_done(task, is_done=sent["is_done"], by=self.by())
        send.wake()
        return self.shown(task)


@extend_schema(tags=["canned responses"])
class CannedViewSet(ListModelMixin, RetrieveModelMixin, DeskViewSet):
    """Texts for answers that come again and again, of the asker's departments and of all."""

    queryset = CannedResponse.objects.prefetch_related("attached__file")
    serializer_class = CannedSerializer
    filterset_fields = ["title", "department"]
    needs = needs(reads=("filled", "content"), writes=CHANGES)

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        resting = Permission.MANAGE_CANNED in access.permissions_anywhere(self.asker)
        mine = canned.canned_for(self.asker, even_resting=resting and self.action != "filled")
        return rows.filter(pk__in=mine.order_by().values("pk"))

    def create(self, request: Request) -> Response:
        """Add one."""
        return self._saved(CannedResponse(), self.checked(CannedSerializer).validated_data, status=201)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is named; `new_files` come to its files, `dropped_files` (their ids) go."""
        row = self.get_object()
        return self._saved(row, self.checked(CannedSerializer, instance=row, partial=True).validated_data)

    def destroy(self, request: Request, pk: str) -> Response:
        """Delete it; answers that were made from it stay."""
        canned.delete_canned(self.get_object(), by=self.by())
        return Response(status=204)

    @extend_schema(
        responses=FilledSerializer, parameters=[OpenApiParameter("ticket", int, required=True, description="Its id.")]
    )
    @action(detail=True, pagination_class=None, filterset_fields=None)
    def filled(self, request: Request, pk: str) -> Response:
        """The text as it reads for a ticket."""
        key = request.query_params.get("ticket", "")
        rows = Ticket.objects.visible_to(self.asker).shown_whole()
        ticket = rows.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 19 else None
        if ticket is None:
            raise Http404
        return Response({"text": canned.filled_for(self.get_object(), ticket, by=self.by())})

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, url_path=r"files/(?P<file>\d+)", pagination_class=None, filterset_fields=None)
    def content(self, request: Request, pk: str, file: str) -> Any:
        """The bytes of one of its files, as a download of no particular type."""
        row = get_object_or_404(self.get_object().attached.select_related("file"), pk=file)
        return FileResponse(
            row.file.open(),
            as_attachment=True,
            filename=row.name,
            content_type="application/octet-stream",
            headers={"X-Content-Type-Options": "nosniff"},
        )

    def _saved(self, row: CannedResponse, sent: dict[str, Any], *, status: int = 200) -> Response:
        changed = apply_fields(row, sent, leave_out=("new_files", "dropped_files"))
        kept, dropped = taken_in(sent.get("new_files", ())), sent.get("dropped_files", ())
        saved = canned.save_canned(changed, by=self.by(), new_files=kept, dropped=dropped)
        fresh = CannedResponse.objects.prefetch_related("attached__file").get(pk=saved.pk)
        return Response(CannedSerializer(fresh).data, status=status)


@extend_schema(tags=["tickets"])
class QueueViewSet(ListModelMixin, RetrieveModelMixin, DeskViewSet):
    """Queues that people saved: one's own, and those that are for everybody."""

    queryset = SavedQueue.objects.select_related("owner__user")
    serializer_class = QueueSerializer
    filterset_fields = ["name", "is_shared"]
    needs = needs(reads=("tickets",), writes=CHANGES)

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows.filter(Q(is_shared=True) | Q(owner__user=self.asker))

    def create(self, request: Request) -> Response:
        """Save one under one's own name."""
        sent = self.checked(QueueSerializer).validated_data
        return self.shown(queues.save_queue(SavedQueue(owner=self.agent, **sent), by=self.by()), status=201)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is named of one's own."""
        row = self.get_object()
        sent = self.checked(QueueSerializer, instance=row, partial=True).validated_data
        return self.shown(queues.save_queue(apply_fields(row, sent), by=self.by()))

    def destroy(self, request: Request, pk: str) -> Response:
        """Delete one's own; its tickets stay where they are."""
        queues.delete_queue(self.get_object(), by=self.by())
        return Response(status=204)

    @extend_schema(responses=TicketSerializer(many=True))
    @action(detail=True, filterset_fields=None)
    def tickets(self, request: Request, pk: str) -> Response:
        """The tickets in it that the asker sees, newest first."""
        saved = self.get_object()
        wanted = QueryDict(mutable=True)
        for name, values in saved.filters.items():
            wanted.setlist(name, [str(one) for one in values] if isinstance(values, list) else [str(values)])
        base = wanted.get("queue", "")
        rows = queues.queue_of(self.asker, base) if base in queues.QUEUES else Ticket.objects.visible_to(self.asker)
        found = QueueForm(wanted, user=self.asker).narrowed(rows)
        page = self.paginate_queryset(Ticket.objects.filter(pk__in=found.order_by().values("pk")).shown_whole()) or []
        return self.get_paginated_response(TicketSerializer(page, many=True).data)


class ForAdministrators(ListModelMixin, RetrieveModelMixin, DeskViewSet):
    """Rows that only administrators see."""

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows if self.asker.is_superuser else rows.none()


@extend_schema(tags=["webhooks"])
class WebhookViewSet(ForAdministrators):
    """Addresses of other programs that are told what happens. Administrators only."""

    queryset = Webhook.objects.defer("secret")
    serializer_class = WebhookSerializer
    filterset_fields = ["name", "is_active"]
    needs = needs(writes=(*CHANGES, "renew"))

    @extend_schema(request=WebhookSerializer, responses={201: NewWebhookSerializer})
    def create(self, request: Request) -> Response:
        """Add one. `signing_key` is shown this once: calls carry an HMAC-SHA256 made with it."""
        row = apply_fields(Webhook(), self.checked(WebhookSerializer).validated_data)
        saved, secret = webhooks.save_webhook(row, by=self.by())
        return Response({**WebhookSerializer(saved).data, "signing_key": secret}, status=201)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is named; the secret stays."""
        row = self.get_object()
        sent = self.checked(WebhookSerializer, instance=row, partial=True).validated_data
        return self.shown(webhooks.save_webhook(apply_fields(row, sent), by=self.by())[0])

    def destroy(self, request: Request, pk: str) -> Response:
        """Delete it with its log."""
        webhooks.delete_webhook(self.get_object(), by=self.by())
        return Response(status=204)

    @extend_schema(request=None, responses=NewWebhookSerializer)
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, pk: str) -> Response:
        """Make a new secret, which is shown this once; the old one ends at once."""
        fresh = secrets.token_urlsafe(SECRET_BYTES)
        saved, secret = webhooks.save_webhook(self.get_object(), by=self.by(), secret=fresh)
        return Response({**WebhookSerializer(saved).data, "signing_key": secret})


@extend_schema(tags=["webhooks"])
class DeliveryViewSet(ForAdministrators):
    """The log of webhooks: each event on its way, and what the other side said."""

    queryset = WebhookDelivery.objects.all()
    serializer_class = WebhookDeliverySerializer
    filterset_class = DeliveryFilter
    needs = needs(writes=("again",))

    @extend_schema(request=None, responses=WebhookDeliverySerializer)
    @action(detail=True, methods=["post"])
    def again(self, request: Request, pk: str) -> Response:
        """Send it once more."""
        row = webhooks.send_again(self.get_object(), by=self.by())
        call_webhooks.delay_on_commit()
        return self.shown(row)
