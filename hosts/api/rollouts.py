"""Rollouts: one change over many hosts, approved together, started, stopped, followed. Planned like changes."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from hosts.api.front import ScopedViewSet
from hosts.choices import Scope
from hosts.models import Rollout
from hosts.serializers.changes import WhySerializer
from hosts.serializers.filters import RolloutFilter
from hosts.serializers.rollouts import RolloutDetailSerializer, RolloutSerializer
from hosts.services import rollouts
from hosts.tasks import step_rollout


@extend_schema(tags=["rollouts"])
class RolloutViewSet(ListModelMixin, RetrieveModelMixin, ScopedViewSet):
    """One change over many hosts. The planning calls of changes make one where several hosts are chosen."""

    queryset = Rollout.objects.select_related("planned_by", "started_by", "stopped_by")
    serializer_class = RolloutSerializer
    detail_serializer_class = RolloutDetailSerializer
    filterset_class = RolloutFilter
    needs = {
        "approve": (Scope.APPROVE, "hosts.approve_change"),
        "start": (Scope.APPLY, "hosts.apply_change"),
        "stop": (Scope.APPLY, "hosts.apply_change"),
    }

    @extend_schema(request=None, responses=RolloutDetailSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Approve every change of it that waits."""
        rollout = self.get_object()
        rollouts.approve_rollout(rollout, by=self.by())
        return self.shown(rollout)

    @extend_schema(request=None, responses={202: RolloutDetailSerializer})
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """Begin, or go on after a stop."""
        rollout = rollouts.start_rollout(self.get_object(), by=self.by())
        step_rollout.delay_on_commit(rollout.pk)
        return self.shown(rollout, status=202)

    @extend_schema(request=WhySerializer, responses=RolloutDetailSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: str) -> Response:
        """Begin no further host; what is on its way ends by itself."""
        rollout = self.get_object()
        why = self.checked(WhySerializer).validated_data["why"]
        return self.shown(rollouts.stop_rollout(rollout, by=self.by(), why=why))
