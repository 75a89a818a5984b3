"""Hosts: the way to them, their keys, their facts."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from hosts.api.front import ScopedViewSet, apply_fields
from hosts.choices import Scope
from hosts.models import FactsRecord, Host
from hosts.serializers.facts import FactsRecordSerializer, FactsSerializer
from hosts.serializers.filters import HostFilter
from hosts.serializers.fleet import (
    AcceptKeysSerializer,
    HostKeySerializer,
    HostSerializer,
    MaintenanceSerializer,
)
from hosts.services import enrol, facts, fleet
from hosts.tasks import enrol_host, read_facts

NOT_COLUMNS = ("roles", "tags")


@extend_schema(tags=["hosts"])
class HostViewSet(ListModelMixin, RetrieveModelMixin, ScopedViewSet):
    """Machines that the panel looks after."""

    queryset = Host.objects.prefetch_related("role_rows", "tags")
    serializer_class = HostSerializer
    filterset_class = HostFilter
    needs = {
        "maintenance": (Scope.PLAN, "hosts.change_host"),
        "ask_facts": (Scope.PLAN, "hosts.view_host"),
        "facts": (Scope.READ, "hosts.view_factsrecord"),
        "keys": (Scope.READ, "hosts.view_host"),
        "accept_keys": (Scope.APPROVE, "hosts.change_hostkey"),
        "refuse_keys": (Scope.APPROVE, "hosts.change_hostkey"),
        "ask_keys": (Scope.PLAN, "hosts.change_hostkey"),
    }

    def create(self, request: Request) -> Response:
        """Add a host. A worker then asks it for its keys, which a person accepts."""
        sent = self.checked(HostSerializer).validated_data
        host = self._save(Host(), sent)
        return self.shown(host, status=201)

    def update(self, request: Request, pk: str, *, partial: bool = False) -> Response:
        """Change a host. A new address, port or jump host asks for its key anew."""
        host = self.get_object()
        sent = self.checked(HostSerializer, instance=host, partial=partial).validated_data
        return self.shown(self._save(host, sent))

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the named columns of a host only."""
        return self.update(request, pk, partial=True)

    def _save(self, host: Host, sent: dict[str, Any]) -> Host:
        row = apply_fields(host, sent, leave_out=NOT_COLUMNS)
        saved = fleet.save_host(row, by=self.by(), roles=sent.get("roles"), tags=sent.get("tags"))
        if saved.state == "new":
            enrol_host.delay_on_commit(saved.pk)
        return saved

    def destroy(self, request: Request, pk: str) -> Response:
        """Take a host out of the panel; refused where changes were made on it."""
        fleet.delete_host(self.get_object(), by=self.by())
        return Response(status=204)

    @extend_schema(request=MaintenanceSerializer, responses=HostSerializer)
    @action(detail=True, methods=["post"])
    def maintenance(self, request: Request, pk: str) -> Response:
        """Leave the host alone, or look after it again."""
        host = self.get_object()
        sent = self.checked(MaintenanceSerializer).validated_data
        fleet.set_maintenance(host, is_on=sent["is_on"], by=self.by())
        return self.shown(host)

    @extend_schema(responses=FactsSerializer)
    @action(detail=True, url_path="facts")
    def facts(self, request: Request, pk: str) -> Response:
        """The newest facts. 404 as long as none were read."""
        record = self.get_object().facts_records.order_by("-last_at").first()
        if record is None:
            return Response({"detail": "No facts were read of this host yet.", "code": "not_found"}, status=404)
        return Response(FactsSerializer(record).data)

    @extend_schema(request=None, responses={202: HostSerializer})
    @action(detail=True, methods=["post"], url_path="ask-facts")
    def ask_facts(self, request: Request, pk: str) -> Response:
        """Read the facts now; a worker does it."""
        host = self.get_object()
        facts.ask_for_facts(host, by=self.by())
        read_facts.delay_on_commit(host.pk)
        return self.shown(host, status=202)

    @extend_schema(responses=HostKeySerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def keys(self, request: Request, pk: str) -> Response:
        """Every key that the host showed, newest first."""
        keys = self.get_object().keys.select_related("decided_by").order_by("-id")
        return Response(HostKeySerializer(keys, many=True).data)

    @extend_schema(request=AcceptKeysSerializer, responses=HostSerializer)
    @action(detail=True, methods=["post"], url_path="keys/accept")
    def accept_keys(self, request: Request, pk: str) -> Response:
        """Pin the offered keys. Send the fingerprints that were compared: 409 where the host shows others by now."""
        host = self.get_object()
        sent = self.checked(AcceptKeysSerializer).validated_data
        enrol.accept_keys(host, by=self.by(), fingerprints=sent["fingerprints"])
        read_facts.delay_on_commit(host.pk)
        return self.shown(host)

    @extend_schema(request=None, responses=HostSerializer)
    @action(detail=True, methods=["post"], url_path="keys/refuse")
    def refuse_keys(self, request: Request, pk: str) -> Response:
        """The offered keys are not this host's."""
        host = self.get_object()
        enrol.refuse_keys(host, by=self.by())
        return self.shown(host)

    @extend_schema(request=None, responses={202: HostSerializer})
    @action(detail=True, methods=["post"], url_path="keys/ask")
    def ask_keys(self, request: Request, pk: str) -> Response:
        """Ask the host for its keys again; a worker does it."""
        host = self.get_object()
        enrol.ask_for_keys(host, by=self.by())
        enrol_host.delay_on_commit(host.pk)
        return self.shown(host, status=202)


@extend_schema(tags=["hosts"])
class FactsViewSet(ListModelMixin, RetrieveModelMixin, ScopedViewSet):
    """The history of a host's facts; a new record only where something other than uptime and the like changed."""

    queryset = FactsRecord.objects.select_related("host")
    serializer_class = FactsRecordSerializer
    detail_serializer_class = FactsSerializer
    filterset_fields = ["host"]
