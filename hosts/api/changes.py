"""Changes: planned, read, decided on, followed."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from hosts.api.front import ScopedViewSet
from hosts.api.planning import KEY_HEADER, answer_once, chosen_hosts, planned
from hosts.choices import Scope, Source
from hosts.facts.proposal import Meaning, Proposal
from hosts.facts.words import gettext_noop, words
from hosts.models import Change, Step
from hosts.rules.concealed import concealed
from hosts.serializers.changes import ChangeDetailSerializer, ChangeSerializer, FileTextSerializer, WhySerializer
from hosts.serializers.changes import LogSerializer as ChangeLogSerializer
from hosts.serializers.filters import ChangeFilter
from hosts.serializers.planning import (
    BundlePlanSerializer,
    CommandPlanSerializer,
    PlannedSerializer,
    PresetPlanSerializer,
    PresetSerializer,
)
from hosts.services import changes
from hosts.services.managed import propose_command
from hosts.services.presets import known_presets, propose_preset
from hosts.tasks import apply_change

MOST_LINES = 1_000
PLANS = (Scope.PLAN, "hosts.plan_change")
READS = (Scope.READ, "hosts.view_change")
PLAN_ANSWERS = {201: PlannedSerializer, 200: PlannedSerializer}
ONCE = OpenApiParameter(
    KEY_HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Any text. The same request sent again with it within a week plans nothing new and answers 200.",
)


@extend_schema(tags=["changes"])
class ChangeViewSet(ListModelMixin, RetrieveModelMixin, ScopedViewSet):
    """One bundle for one host each, from the plan to the outcome."""

    queryset = Change.objects.select_related("host", "planned_by", "approved_by", "applied_by")
    serializer_class = ChangeSerializer
    detail_serializer_class = ChangeDetailSerializer
    filterset_class = ChangeFilter
    needs = {
        "plan_command": PLANS,
        "plan_preset": PLANS,
        "plan_bundle": PLANS,
        "plan_again": PLANS,
        "put_back": PLANS,
        "discard": PLANS,
        "presets": READS,
        "log": READS,
        "file": READS,
        "approve": (Scope.APPROVE, "hosts.approve_change"),
        "apply": (Scope.APPLY, "hosts.apply_change"),
        "take_back": (Scope.APPLY, "hosts.apply_change"),
    }

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        if self.action == "list":
            return rows
        return rows.select_related("rollout").prefetch_related(
            "files__wanted_content",
            "files__seen_content",
            "files__managed_file",
            Prefetch("steps", queryset=Step.objects.order_by("pk")),
        )

    @extend_schema(request=CommandPlanSerializer, responses=PLAN_ANSWERS, parameters=[ONCE])
    @action(detail=False, methods=["post"], url_path="command")
    def plan_command(self, request: Request) -> Response:
        """Plan a command for one host or many."""
        serializer = self.checked(CommandPlanSerializer)
        sent = serializer.validated_data
        proposal = propose_command(
            sent["title"],
            sent["command"],
            verify_line=sent["verify"],
            undo_line=sent["undo"],
            timeout_seconds=sent["timeout_seconds"],
        )
        hosts = chosen_hosts(self.asker, sent)
        return planned(request, hosts, lambda _host: proposal, serializer.reasons(), source=Source.COMMAND)

    @extend_schema(request=PresetPlanSerializer, responses=PLAN_ANSWERS, parameters=[ONCE])
    @action(detail=False, methods=["post"], url_path="preset")
    def plan_preset(self, request: Request) -> Response:
        """Plan a ready-made change for one host or many."""
        serializer = self.checked(PresetPlanSerializer)
        sent = serializer.validated_data
        return planned(
            request,
            chosen_hosts(self.asker, sent),
            lambda host: propose_preset(sent["preset"], sent["values"], host),
            serializer.reasons(),
            source=Source.PRESET,
        )

    @extend_schema(request=BundlePlanSerializer, responses=PLAN_ANSWERS, parameters=[ONCE])
    @action(detail=False, methods=["post"], url_path="bundle")
    def plan_bundle(self, request: Request) -> Response:
        """Plan any files and commands for one host or many."""
        serializer = self.checked(BundlePlanSerializer)
        sent = serializer.validated_data
        proposal = Proposal(
            sent["title"],
            serializer.bundle(),
            (Meaning("info", words(gettext_noop("Asked for through the API by %(name)s."), name=str(self.asker))),),
        )
        return planned(request, chosen_hosts(self.asker, sent), lambda _host: proposal, serializer.reasons())

    @extend_schema(responses=PresetSerializer(many=True))
    @action(detail=False, pagination_class=None, filterset_class=None)
    def presets(self, request: Request) -> Response:
        """The ready-made changes and what each asks for."""
        return Response([_preset(preset) for preset in known_presets()])

    @extend_schema(
        responses=ChangeLogSerializer,
        parameters=[
            OpenApiParameter("after", int, description="Lines with a greater number only."),
            OpenApiParameter("limit", int, description="1000 at most."),
        ],
    )
    @action(detail=True)
    def log(self, request: Request, pk: str) -> Response:
        """What the host said, from line `after` on. Ask again with `next_after` while it runs."""
        change = get_object_or_404(Change.objects.visible_to(self.asker), pk=pk)
        after = _number(request.query_params.get("after"), 0)
        limit = max(1, min(_number(request.query_params.get("limit"), MOST_LINES), MOST_LINES))
        lines = list(change.log_lines.filter(number__gt=after).order_by("number")[:limit])
        return Response(
            ChangeLogSerializer(
                {
                    "results": lines,
                    "next_after": lines[-1].number if lines else after,
                    "has_ended": change.has_ended and len(lines) < limit,
                }
            ).data
        )

    @extend_schema(responses=FileTextSerializer)
    @action(detail=True, url_path=r"files/(?P<position>\d+)")
    def file(self, request: Request, pk: str, position: str) -> Response:
        """Both sides of one file in full; the secrets of keys in it are hidden as in its diff."""
        row = get_object_or_404(
            self.get_object().files.select_related("wanted_content", "seen_content"), position=position
        )
        wanted = None if row.is_secret or row.wanted_content is None else concealed(row.wanted_content.read())
        seen = None if row.is_secret or row.seen_content is None else concealed(row.seen_content.read())
        return Response(
            FileTextSerializer(
                {"path": row.path, "is_secret": row.is_secret, "wanted_base64": wanted, "seen_base64": seen}
            ).data
        )

    @extend_schema(request=None, responses=ChangeDetailSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Say yes to the diff. 403 where the host asks for four eyes and the planner asks."""
        return self.shown(changes.approve_change(self.get_object(), by=self.by()))

    @extend_schema(request=None, responses={202: ChangeDetailSerializer})
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, pk: str) -> Response:
        """Send it to the host; a worker does it. Follow `log/` or read the change until it has ended."""
        change = changes.queue_change(self.get_object(), by=self.by())
        apply_change.delay_on_commit(change.pk)
        return self.shown(change, status=202)

    @extend_schema(request=None, responses=ChangeDetailSerializer)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """Do not send it after all, as long as no worker has begun; it stays approved."""
        return self.shown(changes.take_back_change(self.get_object(), by=self.by()))

    @extend_schema(request=WhySerializer, responses=ChangeDetailSerializer)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: str) -> Response:
        """Lay it aside for good."""
        change = self.get_object()
        why = self.checked(WhySerializer).validated_data["why"]
        return self.shown(changes.discard_change(change, by=self.by(), why=why))

    @extend_schema(request=None, responses=PLAN_ANSWERS, parameters=[ONCE])
    @action(detail=True, methods=["post"], url_path="plan-again")
    def plan_again(self, request: Request, pk: str) -> Response:
        """The same wish, compared with what the host has now; an open old change is discarded."""
        change = self.get_object()
        return answer_once(request, lambda: changes.plan_again(change, by=self.by()))

    @extend_schema(request=None, responses=PLAN_ANSWERS, parameters=[ONCE])
    @action(detail=True, methods=["post"], url_path="put-back")
    def put_back(self, request: Request, pk: str) -> Response:
        """Plan a change that restores what was there before this one."""
        change = self.get_object()
        return answer_once(request, lambda: changes.plan_put_back(change, by=self.by()))


def _preset(preset: Any) -> dict[str, Any]:
    return {
        "name": preset.name,
        "title": preset.title.said_by(gettext),
        "about": preset.about.said_by(gettext),
        "fields": [
            {
                "name": field.name,
                "label": field.label.said_by(gettext),
                "help": field.help.said_by(gettext),
                "kind": field.kind,
                "initial": field.initial,
                "required": field.required,
            }
            for field in preset.fields
        ],
    }


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else default
