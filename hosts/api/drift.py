"""Files under management: whether they still are what was put there, and what to do where not."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from hosts.api.changes import ONCE, PLAN_ANSWERS, PLANS
from hosts.api.front import ScopedViewSet
from hosts.api.planning import planned
from hosts.choices import Scope, Source
from hosts.models import HostFile
from hosts.serializers.drift import LiveFileSerializer
from hosts.serializers.filters import HostFileFilter
from hosts.serializers.managed import HostFileSerializer
from hosts.serializers.planning import ReasonSerializer
from hosts.services import drift
from hosts.tasks import look_for_drift


@extend_schema(tags=["drift"])
class HostFileViewSet(ListModelMixin, RetrieveModelMixin, ScopedViewSet):
    """What the panel put on hosts. `is_drifted=true` lists what is not so any more."""

    queryset = HostFile.objects.select_related("host", "content", "live_content")
    serializer_class = HostFileSerializer
    detail_serializer_class = LiveFileSerializer
    filterset_class = HostFileFilter
    needs = {
        "adopt": PLANS,
        "overwrite": PLANS,
        "look_again": (Scope.PLAN, "hosts.view_hostfile"),
    }

    @extend_schema(request=None, responses=LiveFileSerializer)
    @action(detail=True, methods=["post"])
    def adopt(self, request: Request, pk: str) -> Response:
        """What lies on the host is right: look after that from now on."""
        return self.shown(drift.adopt(self.get_object(), by=self.by()))

    @extend_schema(request=ReasonSerializer, responses=PLAN_ANSWERS, parameters=[ONCE])
    @action(detail=True, methods=["post"])
    def overwrite(self, request: Request, pk: str) -> Response:
        """Plan a change that puts back what the panel had put there."""
        row = self.get_object()
        serializer = self.checked(ReasonSerializer)
        return planned(
            request,
            [row.host],
            lambda _host: drift.overwrite_proposal([row]),
            serializer.reasons(),
            source=Source.OVERWRITE,
            managed=row.managed_file,
        )

    @extend_schema(request=None, responses={202: LiveFileSerializer})
    @action(detail=True, methods=["post"], url_path="look-again")
    def look_again(self, request: Request, pk: str) -> Response:
        """Compare all files of this host now; a worker does it."""
        row = self.get_object()
        drift.ask_for_drift(row.host, by=self.by())
        look_for_drift.delay_on_commit(row.host_id)
        return self.shown(row, status=202)
