"""Mailboxes and their tests, mails that became no ticket, mails that did not arrive; and trying again."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from hosts.choices import Scope
from tickets.api.front import DeskViewSet
from tickets.api.order import SettingViewSet
from tickets.models import IncomingMail, Mailbox, OutgoingMail, Ticket
from tickets.serializers.filters import IncomingFilter, OutgoingFilter
from tickets.serializers.mail import (
    SECRETS,
    IncomingMailDetailSerializer,
    IncomingMailSerializer,
    MailboxSerializer,
    OutgoingMailDetailSerializer,
    OutgoingMailSerializer,
)
from tickets.services import incoming, mailbox_settings, mailboxes, outbox
from tickets.tasks import send
from tickets.tasks.fetch import test_mailbox
from tickets.tasks.intake import take_in_waiting

SMTP = "smtp_"


@extend_schema(tags=["mail"])
class MailboxViewSet(SettingViewSet):
    """Addresses of the desk: how each is fetched from and sent through, and how it does."""

    model = Mailbox
    queryset = Mailbox.objects.all()
    serializer_class = MailboxSerializer
    filterset_fields = ["address", "is_active", "state", "protocol"]
    leave_out = SECRETS
    needs = {"test": (Scope.PLAN, "tickets.change_mailbox")}

    def save(self, row: Mailbox, sent: dict[str, Any]) -> Mailbox:
        """What was sent of secrets replaces what is sealed, part by part; an empty part stays."""
        given = {name: value for name, value in sent.items() if name in SECRETS}
        typed = {
            "secret": {name: value for name, value in given.items() if not name.startswith(SMTP)},
            "smtp_secret": {name.removeprefix(SMTP): value for name, value in given.items() if name.startswith(SMTP)},
        }
        return mailbox_settings.save_mailbox(row, by=self.by(), typed=typed)

    @extend_schema(request=None, responses={202: MailboxSerializer})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Ask for a connection test. A worker makes it; `test_done_at` and `test_steps` of the mailbox tell of it."""
        row = mailboxes.ask_for_test(self.get_object(), by=self.by())
        test_mailbox.delay_on_commit(row.pk)
        return self.shown(row, status=202)


@extend_schema(tags=["mail"])
class IncomingMailViewSet(ListModelMixin, RetrieveModelMixin, DeskViewSet):
    """Mails as they came. Those in no ticket are for all who may see mail, the others for who sees the ticket."""

    queryset = IncomingMail.objects.select_related("raw")
    serializer_class = IncomingMailSerializer
    detail_serializer_class = IncomingMailDetailSerializer
    filterset_class = IncomingFilter
    needs = {
        "raw": (Scope.READ, "tickets.view_incomingmail"),
        "again": (Scope.PLAN, "tickets.change_incomingmail"),
        "discard": (Scope.PLAN, "tickets.change_incomingmail"),
    }

    def get_queryset(self) -> Any:
        return _within_reach(super().get_queryset(), self)

    @extend_schema(responses={(200, "message/rfc822"): OpenApiTypes.BINARY})
    @action(detail=True)
    def raw(self, request: Request, pk: str) -> Any:
        """The bytes, as a download of no particular type."""
        row = self.get_object()
        return FileResponse(
            row.raw.open(),
            as_attachment=True,
            filename=f"mail-{row.pk}.eml",
            content_type="application/octet-stream",
            headers={"X-Content-Type-Options": "nosniff"},
        )

    @extend_schema(request=None, responses={202: IncomingMailDetailSerializer})
    @action(detail=True, methods=["post"])
    def again(self, request: Request, pk: str) -> Response:
        """Let a worker read a quarantined, ignored or rejected mail once more."""
        row = incoming.run_again(self.get_object(), by=self.by())
        take_in_waiting.delay_on_commit()
        return self.shown(row, status=202)

    @extend_schema(request=None, responses=IncomingMailDetailSerializer)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: str) -> Response:
        """Take a mail out of quarantine without a ticket; its bytes are kept."""
        return self.shown(incoming.discard_mail(self.get_object(), by=self.by()))


@extend_schema(tags=["mail"])
class OutgoingMailViewSet(ListModelMixin, RetrieveModelMixin, DeskViewSet):
    """Mails on their way out, of tickets within reach and of none."""

    queryset = OutgoingMail.objects.all()
    serializer_class = OutgoingMailSerializer
    detail_serializer_class = OutgoingMailDetailSerializer
    filterset_class = OutgoingFilter
    needs = {"again": (Scope.PLAN, "tickets.change_outgoingmail")}

    def get_queryset(self) -> Any:
        rows = _within_reach(super().get_queryset(), self)
        return rows.defer("text", "html") if self.action == "list" else rows

    @extend_schema(request=None, responses=OutgoingMailDetailSerializer)
    @action(detail=True, methods=["post"])
    def again(self, request: Request, pk: str) -> Response:
        """Send a mail once more that failed, bounced or was held back."""
        row = outbox.send_again(self.get_object(), by=self.by())
        send.wake()
        return self.shown(row)


def _within_reach(rows: Any, view: DeskViewSet) -> Any:
    if getattr(view, "swagger_fake_view", False):
        return rows
    return rows.filter(Q(ticket=None) | Q(ticket__in=Ticket.objects.within_reach_of(view.asker)))
