"""Managed files: kept, looked at as they would be on a host, planned for their hosts."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from hosts.api.changes import ONCE, PLAN_ANSWERS, PLANS
from hosts.api.front import ScopedViewSet, apply_fields
from hosts.api.planning import planned
from hosts.choices import Scope, Source
from hosts.models import Host, HostFile, ManagedFile, Override
from hosts.serializers.filters import ManagedFileFilter
from hosts.serializers.managed import (
    HostFileSerializer,
    ManagedFileDetailSerializer,
    ManagedFileSerializer,
    OverrideSerializer,
    PreviewSerializer,
)
from hosts.serializers.planning import HostsOfFileSerializer
from hosts.services import managed

NOT_COLUMNS = ("hosts", "tags", "text", "base64")
READS = (Scope.READ, "hosts.view_managedfile")


@extend_schema(tags=["managed files"])
class ManagedFileViewSet(ListModelMixin, RetrieveModelMixin, ScopedViewSet):
    """Files with variables that the panel keeps on hosts."""

    queryset = ManagedFile.objects.select_related("body").prefetch_related("hosts", "tags")
    serializer_class = ManagedFileSerializer
    detail_serializer_class = ManagedFileDetailSerializer
    filterset_class = ManagedFileFilter
    needs = {
        "plan": PLANS,
        "preview": READS,
        "copies": (Scope.READ, "hosts.view_hostfile"),
        "overrides": READS,
        "drop_override": (Scope.PLAN, "hosts.change_managedfile"),
    }

    def create(self, request: Request) -> Response:
        """Keep a new file. No host is touched until it is planned."""
        return self.shown(self._save(ManagedFile(), self.checked(ManagedFileSerializer)), status=201)

    def update(self, request: Request, pk: str, *, partial: bool = False) -> Response:
        """Change it; the hosts get it with the next plan."""
        row = self.get_object()
        return self.shown(self._save(row, self.checked(ManagedFileSerializer, instance=row, partial=partial)))

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is named only."""
        return self.update(request, pk, partial=True)

    def _save(self, row: ManagedFile, serializer: Any) -> ManagedFile:
        sent = serializer.validated_data
        return managed.save_managed_file(
            apply_fields(row, sent, leave_out=NOT_COLUMNS),
            by=self.by(),
            content=serializer.content(),
            hosts=sent.get("hosts"),
            tags=sent.get("tags"),
        )

    def destroy(self, request: Request, pk: str) -> Response:
        """Stop keeping it. The copies on hosts stay as they are."""
        managed.delete_managed_file(self.get_object(), by=self.by())
        return Response(status=204)

    @extend_schema(request=HostsOfFileSerializer, responses=PLAN_ANSWERS, parameters=[ONCE])
    @action(detail=True, methods=["post"])
    def plan(self, request: Request, pk: str) -> Response:
        """Plan it for all its hosts, or for those named."""
        file = self.get_object()
        serializer = self.checked(HostsOfFileSerializer)
        hosts = serializer.validated_data.get("hosts") or self._targets(file)
        return planned(
            request,
            list(hosts),
            lambda host: managed.propose_managed_file(file, host),
            serializer.reasons(),
            source=Source.MANAGED_FILE,
            managed=file,
        )

    @extend_schema(responses=PreviewSerializer)
    @action(detail=True, url_path=r"preview/(?P<host_id>\d+)")
    def preview(self, request: Request, pk: str, host_id: str) -> Response:
        """The file as it would be on one host. 400 names an unknown variable and its line."""
        file = self.get_object()
        host = get_object_or_404(Host.objects.visible_to(self.asker), pk=host_id)
        wanted = managed.propose_managed_file(file, host).bundle.files[0]
        content = wanted.content or b""
        shown = None if file.is_secret else content
        values = {"host": host, "path": wanted.path, "is_secret": file.is_secret, "size": len(content)}
        return Response(PreviewSerializer({**values, "content_base64": shown}).data)

    @extend_schema(responses=HostFileSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def copies(self, request: Request, pk: str) -> Response:
        """Where it lies, and whether it still is what was put there."""
        rows = HostFile.objects.visible_to(self.asker).filter(managed_file=self.get_object())
        return Response(HostFileSerializer(rows.select_related("host").order_by("host__name"), many=True).data)

    @extend_schema(responses=OverrideSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def overrides(self, request: Request, pk: str) -> Response:
        """The hosts that keep their own text of it."""
        rows = self._overrides().select_related("host", "made_by").order_by("host__name")
        return Response(OverrideSerializer(rows, many=True).data)

    @extend_schema(responses={204: None})
    @action(detail=True, methods=["delete"], url_path=r"overrides/(?P<override_id>\d+)")
    def drop_override(self, request: Request, pk: str, override_id: str) -> Response:
        """The host gets the common text again with the next plan."""
        managed.drop_override(get_object_or_404(self._overrides(), pk=override_id), by=self.by())
        return Response(status=204)

    def _overrides(self) -> Any:
        visible = Host.objects.visible_to(self.asker)
        return Override.objects.filter(managed_file=self.get_object(), host__in=visible)

    def _targets(self, file: ManagedFile) -> Any:
        visible = Host.objects.visible_to(self.asker)
        return file.targets().filter(pk__in=visible.values("pk")).select_related("organization").order_by("name")
