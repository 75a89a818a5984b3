"""The desk's own order: departments, teams, agents, roles, statuses and what else it is set to; read and written."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from hosts.api.front import apply_fields
from hosts.choices import Scope
from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words
from tickets.api.front import DeskViewSet, needs
from tickets.models import (
    Agent,
    Department,
    DepartmentAccess,
    DeskSettings,
    HelpTopic,
    Priority,
    Role,
    SavedQueue,
    Schedule,
    Sequence,
    Sla,
    Status,
    Team,
    TeamMember,
)
from tickets.serializers.order import (
    AgentSerializer,
    DepartmentSerializer,
    DeskSettingsSerializer,
    HelpTopicSerializer,
    MySerializer,
    PrioritySerializer,
    RoleSerializer,
    ScheduleSerializer,
    SequenceSerializer,
    SlaSerializer,
    StatusSerializer,
    TeamSerializer,
)
from tickets.services import access, order, own, queues
from tickets.services.house import desk

ALL, SAVED = "all", "saved-"


class SettingViewSet(ListModelMixin, RetrieveModelMixin, DeskViewSet):
    """Rows that the desk is set up with. Who may see or change them is said by the permissions on their model."""

    model: Any = None
    leave_out: tuple[str, ...] = ()

    def create(self, request: Request) -> Response:
        """Add one."""
        sent = self.checked(self.serializer_class).validated_data
        return self.shown(self._written(self.model(), sent), status=201)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is named; the rest stays."""
        row = self.get_object()
        return self.shown(
            self._written(row, self.checked(self.serializer_class, instance=row, partial=True).validated_data)
        )

    def destroy(self, request: Request, pk: str) -> Response:
        """Delete it; refused (409) while something uses it."""
        self.drop(self.get_object())
        return Response(status=204)

    def save(self, row: Any, sent: dict[str, Any]) -> Any:
        """One service call; `sent` has what is no column."""
        return order.save_row(row, by=self.by())

    def drop(self, row: Any) -> None:
        """One service call."""
        order.delete_row(row, by=self.by())

    def _written(self, row: Any, sent: dict[str, Any]) -> Any:
        return self.save(apply_fields(row, sent, leave_out=self.leave_out), sent)


class OrderViewSet(SettingViewSet):
    """The part of it that every agent reads, because tickets name it."""

    needs = needs()

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False) or self.action not in ("list", "retrieve"):
            return rows
        return rows if self.asker.is_superuser or access.agent_of(self.asker) else rows.none()


@extend_schema(tags=["desk"])
class DepartmentViewSet(OrderViewSet):
    """Parts of the house that tickets belong to."""

    model = Department
    queryset = Department.objects.all()
    serializer_class = DepartmentSerializer
    filterset_fields = ["name", "parent", "is_archived"]

    def save(self, row: Department, sent: dict[str, Any]) -> Any:
        return order.save_in_tree(row, by=self.by())


@extend_schema(tags=["desk"])
class TeamViewSet(OrderViewSet):
    """Agents who take tickets together."""

    model = Team
    queryset = Team.objects.prefetch_related("members", "memberships")
    serializer_class = TeamSerializer
    filterset_fields = ["name", "is_active"]
    leave_out = ("memberships",)

    def save(self, row: Team, sent: dict[str, Any]) -> Team:
        kept, dropped = parts(TeamMember, row, "team", "agent", sent.get("memberships"))
        return order.save_row(row, by=self.by(), kept=kept, dropped=dropped)


@extend_schema(tags=["desk"])
class AgentViewSet(OrderViewSet):
    """The staff that answers tickets."""

    model = Agent
    queryset = Agent.objects.filter(user__is_active=True).select_related("user").prefetch_related("accesses")
    serializer_class = AgentSerializer
    filterset_fields = ["user", "department", "role", "is_on_vacation"]
    leave_out = ("accesses",)
    needs = {**needs(reads=("me",), writes=("change_me",))}

    def save(self, row: Agent, sent: dict[str, Any]) -> Agent:
        kept, dropped = parts(DepartmentAccess, row, "agent", "department", sent.get("accesses"))
        return order.save_row(row, by=self.by(), kept=kept, dropped=dropped)

    @extend_schema(responses=MySerializer)
    @action(detail=False, pagination_class=None, filterset_fields=None)
    def me(self, request: Request) -> Response:
        """How one answers oneself, and what one starts with."""
        return Response(MySerializer(self.agent).data)

    @extend_schema(request=MySerializer, responses=MySerializer)
    @me.mapping.patch
    def change_me(self, request: Request) -> Response:
        """Change what is named of it."""
        agent = Agent.objects.select_related("user").get(pk=self.agent.pk)
        sent = dict(self.checked(MySerializer, instance=agent, partial=True).validated_data)
        person = apply_fields(agent.user, sent.pop("user", {}))
        self._check_queue(agent, sent.get("default_queue", ""))
        own.save_preferences(apply_fields(agent, sent), person, by=self.by())
        return Response(MySerializer(Agent.objects.select_related("user").get(pk=agent.pk)).data)

    def _check_queue(self, agent: Agent, name: str) -> None:
        mine = SavedQueue.objects.filter(models.Q(owner=agent) | models.Q(is_shared=True))
        saved = {f"{SAVED}{pk}" for pk in mine.values_list("pk", flat=True)} if name.startswith(SAVED) else set()
        if name and name not in {ALL, *queues.QUEUES, *saved}:
            raise BadInput(words(gettext_noop("There is no queue “%(name)s”."), name=name[:40]), field="default_queue")


@extend_schema(tags=["desk"])
class StatusViewSet(OrderViewSet):
    """The house's words for the five states."""

    model = Status
    queryset = Status.objects.all()
    serializer_class = StatusSerializer
    filterset_fields = ["name", "state", "is_first"]

    def save(self, row: Status, sent: dict[str, Any]) -> Status:
        return order.save_status(row, by=self.by())

    def drop(self, row: Status) -> None:
        order.delete_status(row, by=self.by())


@extend_schema(tags=["desk"])
class PriorityViewSet(OrderViewSet):
    """How urgent a ticket can be."""

    model = Priority
    queryset = Priority.objects.all()
    serializer_class = PrioritySerializer
    filterset_fields = ["name"]

    def save(self, row: Priority, sent: dict[str, Any]) -> Priority:
        return order.save_priority(row, by=self.by())


@extend_schema(tags=["desk"])
class HelpTopicViewSet(OrderViewSet):
    """What a request can be about."""

    model = HelpTopic
    queryset = HelpTopic.objects.all()
    serializer_class = HelpTopicSerializer
    filterset_fields = ["name", "parent", "is_archived"]

    def save(self, row: HelpTopic, sent: dict[str, Any]) -> Any:
        return order.save_in_tree(row, by=self.by())


@extend_schema(tags=["desk"])
class SlaViewSet(OrderViewSet):
    """What is promised."""

    model = Sla
    queryset = Sla.objects.all()
    serializer_class = SlaSerializer
    filterset_fields = ["name", "is_active"]


@extend_schema(tags=["desk"])
class RoleViewSet(SettingViewSet):
    """What agents may do in a department."""

    model = Role
    queryset = Role.objects.all()
    serializer_class = RoleSerializer
    filterset_fields = ["name"]


@extend_schema(tags=["desk"])
class ScheduleViewSet(SettingViewSet):
    """Working hours and days off, which promises are counted in."""

    model = Schedule
    queryset = Schedule.objects.all()
    serializer_class = ScheduleSerializer
    filterset_fields = ["name"]


@extend_schema(tags=["desk"])
class SequenceViewSet(SettingViewSet):
    """How tickets are numbered."""

    model = Sequence
    queryset = Sequence.objects.all()
    serializer_class = SequenceSerializer
    filterset_fields = ["name"]

    def save(self, row: Sequence, sent: dict[str, Any]) -> Sequence:
        return order.save_sequence(row, by=self.by(), next_value=sent.get("next_value"))


@extend_schema(tags=["desk"])
class DeskSettingsViewSet(DeskViewSet):
    """What the desk as a whole is set to: one row, without an id."""

    queryset = DeskSettings.objects.all()
    serializer_class = DeskSettingsSerializer
    needs = {
        "retrieve": (Scope.READ, "tickets.view_desksettings"),
        "partial_update": (Scope.PLAN, "tickets.change_desksettings"),
    }

    @extend_schema(responses=DeskSettingsSerializer)
    def retrieve(self, request: Request) -> Response:
        """All of it."""
        return Response(DeskSettingsSerializer(desk()).data)

    @extend_schema(request=DeskSettingsSerializer, responses=DeskSettingsSerializer)
    def partial_update(self, request: Request) -> Response:
        """Change what is named."""
        row = DeskSettings.objects.get(pk=desk().pk)
        sent = self.checked(DeskSettingsSerializer, instance=row, partial=True).validated_data
        order.save_row(apply_fields(row, sent), by=self.by())
        return Response(DeskSettingsSerializer(DeskSettings.objects.get(pk=row.pk)).data)


def parts(
    kind: Any, row: models.Model, link: str, name: str, wanted: list[dict[str, Any]] | None
) -> tuple[list[Any], list[Any]]:
    """(to keep, to drop) of the rows below `row`, each known by what it names; nothing where None is wanted."""
    if wanted is None:
        return [], []
    have = {getattr(one, f"{name}_id"): one for one in kind.objects.filter(**{link: row})} if row.pk else {}
    kept = [apply_fields(have.get(line[name].pk) or kind(), line) for line in wanted]
    named = {line[name].pk for line in wanted}
    return kept, [one for key, one in have.items() if key not in named]
