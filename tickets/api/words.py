"""The words of the desk's mails: sets of them, each kind's own words, how they would read, and sent as a test."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from hosts.choices import Scope
from tickets.api.order import SettingViewSet
from tickets.choices import MailKind
from tickets.facts.variables import variables_for
from tickets.models import MailTemplate, TemplateSet
from tickets.serializers.mail import (
    KindSerializer,
    MailPreviewSerializer,
    MailShownSerializer,
    MailTemplateSerializer,
    OutgoingMailSerializer,
    TemplateSetSerializer,
    TestMailSerializer,
)
from tickets.services import templates
from tickets.services.mail_words import built_in
from tickets.services.template_trials import preview_on, send_test
from tickets.tasks import send


@extend_schema(tags=["mail"])
class TemplateSetViewSet(SettingViewSet):
    """Sets of words; a department or the desk names one."""

    model = TemplateSet
    queryset = TemplateSet.objects.all()
    serializer_class = TemplateSetSerializer
    filterset_fields = ["name"]


@extend_schema(tags=["mail"])
class MailTemplateViewSet(SettingViewSet):
    """Own words for one kind of mail in one language; deleting them brings the built-in ones back."""

    model = MailTemplate
    queryset = MailTemplate.objects.all()
    serializer_class = MailTemplateSerializer
    filterset_fields = ["templates", "kind", "language"]
    needs = {
        "kinds": (Scope.READ, "tickets.view_mailtemplate"),
        "preview": (Scope.PLAN, "tickets.view_mailtemplate"),
        "test": (Scope.PLAN, "tickets.change_mailtemplate"),
    }

    def save(self, row: MailTemplate, sent: dict[str, Any]) -> MailTemplate:
        return templates.save_template(row, by=self.by())

    @extend_schema(responses=KindSerializer(many=True))
    @action(detail=False, pagination_class=None, filterset_fields=None)
    def kinds(self, request: Request) -> Response:
        """Every kind of mail with its built-in words and its variables."""
        return Response(KindSerializer([_kind(kind) for kind in MailKind], many=True).data)

    @extend_schema(request=MailPreviewSerializer, responses=MailShownSerializer)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """The mail that words would make; nothing is kept or sent. Without words, those that are used now."""
        sent = self.checked(MailPreviewSerializer).validated_data
        kind, language, ticket = sent["kind"], sent["language"], sent.get("ticket")
        typed = (sent["subject"], sent["body"]) if "body" in sent else None
        if ticket is not None:
            shown = preview_on(kind, language, ticket, by=self.by(), typed=typed)
        else:
            shown = templates.preview(kind, language, *_words(kind, language, typed))
        return Response(MailShownSerializer(shown).data)

    @extend_schema(request=TestMailSerializer, responses={201: OutgoingMailSerializer})
    @action(detail=False, methods=["post"])
    def test(self, request: Request) -> Response:
        """Send the mail that words would make, with made-up values."""
        sent = self.checked(TestMailSerializer).validated_data
        typed = (sent["subject"], sent["body"]) if "body" in sent else None
        words = _words(sent["kind"], sent["language"], typed)
        to_email = sent["to_email"] or self.asker.email
        mail = send_test(sent["kind"], sent["language"], *words, to_email=to_email, by=self.by())
        send.wake()
        return Response(OutgoingMailSerializer(mail).data, status=201)


def _words(kind: str, language: str, typed: tuple[str, str] | None) -> tuple[str, str]:
    known = built_in(kind, language)
    return typed or (known.subject, known.body)


def _kind(kind: MailKind) -> dict[str, Any]:
    said = {code: built_in(kind, code) for code, _name in settings.LANGUAGES}
    return {
        "kind": kind.value,
        "label": str(kind.label),
        "words": {code: {"subject": one.subject, "body": one.body} for code, one in said.items()},
        "variables": {name: gettext(about) for name, about in sorted(variables_for(kind).items())},
    }
