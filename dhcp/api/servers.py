"""Servers, relays and sites: written, looked through before they are sent, planned, taken over, asked."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from dhcp.api.front import ONCE, DeclaredViewSet, DhcpViewSet, once
from dhcp.facts.check import Check
from dhcp.models import Errand, Relay, Server
from dhcp.serializers.clients import ErrandSerializer, RelaySerializer
from dhcp.serializers.networks import ServerSerializer
from dhcp.serializers.site import (
    AddressesSerializer,
    ServerPreviewSerializer,
    SitePlanSerializer,
    TakenOverSerializer,
    TakeOverSerializer,
)
from dhcp.services import editing, errands, pushing, taking_over
from dhcp.services.previews import preview
from dhcp.tasks import run_errand
from hosts.api.planning import answer_once
from hosts.choices import Scope
from hosts.permissions import actor
from hosts.serializers.planning import PlannedSerializer, ReasonSerializer

PLANS = (Scope.PLAN, "hosts.plan_change")
PLAN_ANSWERS = {201: PlannedSerializer, 200: PlannedSerializer}
ERRAND = {201: ErrandSerializer, 200: ErrandSerializer}
ASKS = (Scope.PLAN, "dhcp.add_errand")


@extend_schema(tags=["dhcp servers"])
class ServerViewSet(DeclaredViewSet):
    """DHCP servers, and what each says of all its networks."""

    model = Server
    queryset = Server.objects.select_related("host")
    serializer_class = ServerSerializer
    filterset_fields = ["host", "kind", "version", "service"]
    needs = {
        "plan": PLANS,
        "preview": (Scope.READ, "dhcp.view_server"),
        "take_over": (Scope.PLAN, "dhcp.change_server"),
        "read_config": ASKS,
        "ping": ASKS,
    }

    def save(self, row: Any, sent: dict[str, Any]) -> list[Check]:
        """One service call."""
        return editing.save_server(row, by=self.by(), confirmed=sent.get("confirmed", False))

    @extend_schema(request=ReasonSerializer, responses=PLAN_ANSWERS, parameters=[ONCE])
    @action(detail=True, methods=["post"])
    def plan(self, request: Request, pk: str) -> Response:
        """Plan a change that tells the host what the panel has; it is compared, approved and applied as any other."""
        server, sent = self.get_object(), self.checked(ReasonSerializer).validated_data
        why, reference = sent["why"], sent["reference"]
        return answer_once(request, lambda: pushing.plan_server(server, by=self.by(), why=why, reference=reference))

    @extend_schema(responses=ServerPreviewSerializer)
    @action(detail=True, pagination_class=None)
    def preview(self, request: Request, pk: str) -> Response:
        """The configuration as it would be sent, and what that means. No host is asked."""
        return Response(ServerPreviewSerializer(preview(self.get_object())).data)

    @extend_schema(request=TakeOverSerializer, responses=TakenOverSerializer)
    @action(detail=True, methods=["post"], url_path="take-over")
    def take_over(self, request: Request, pk: str) -> Response:
        """Make a configuration the server's declarations: all of it or nothing. What nobody understands is kept."""
        server, sent = self.get_object(), self.checked(TakeOverSerializer).validated_data
        if errand := sent.get("errand"):
            done = taking_over.take_over_read(
                server.errands.select_related("server__host").get(pk=errand.pk), by=self.by(), replace=sent["replace"]
            )
        else:
            done = taking_over.take_over(
                server,
                sent["text"],
                by=self.by(),
                read_include=sent["includes"].get,
                replace=sent["replace"],
                interfaces=sent["interfaces"],
            )
        return Response(TakenOverSerializer(done).data)

    @extend_schema(request=None, responses=ERRAND, parameters=[ONCE])
    @action(detail=True, methods=["post"], url_path="read-config")
    def read_config(self, request: Request, pk: str) -> Response:
        """Read the configuration that the host has, with what it includes; a worker does it."""
        server = self.get_object()
        return errand_answer(request, lambda: errands.ask_config(server, by=self.by()))

    @extend_schema(request=AddressesSerializer, responses=ERRAND, parameters=[ONCE])
    @action(detail=True, methods=["post"])
    def ping(self, request: Request, pk: str) -> Response:
        """Ask from the server whether somebody answers at addresses; a worker does it."""
        server, sent = self.get_object(), self.checked(AddressesSerializer).validated_data
        return errand_answer(request, lambda: errands.ask_ping(server, sent["addresses"], by=self.by()))


@extend_schema(tags=["dhcp servers"])
class RelayViewSet(DeclaredViewSet):
    """Relays. What is wrong between one and its servers is kept as findings, and refuses nothing."""

    model = Relay
    queryset = Relay.objects.select_related("host")
    serializer_class = RelaySerializer
    filterset_fields = ["host", "service"]
    needs = {"plan": PLANS}

    def save(self, row: Any, sent: dict[str, Any]) -> list[Check]:
        """One service call."""
        return editing.save_relay(row, by=self.by())

    @extend_schema(request=ReasonSerializer, responses=PLAN_ANSWERS, parameters=[ONCE])
    @action(detail=True, methods=["post"])
    def plan(self, request: Request, pk: str) -> Response:
        """Plan a change for the relay's host."""
        relay, sent = self.get_object(), self.checked(ReasonSerializer).validated_data
        why, reference = sent["why"], sent["reference"]
        return answer_once(request, lambda: pushing.plan_relay(relay, by=self.by(), why=why, reference=reference))


@extend_schema(tags=["dhcp servers"])
class SiteViewSet(ViewSet):
    """Servers together with their relays."""

    needs = {"plan": PLANS}

    @extend_schema(request=SitePlanSerializer, responses=PLAN_ANSWERS, parameters=[ONCE])
    @action(detail=False, methods=["post"])
    def plan(self, request: Request) -> Response:
        """Plan one rollout: servers first, and no relay before its servers hold. One host alone gets a change."""
        serializer = SitePlanSerializer(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        sent, by = serializer.validated_data, actor(request)
        servers, relays = sent.get("servers", []), sent.get("relays", [])
        return answer_once(request, lambda: pushing.plan_site(servers, relays, by=by, **serializer.reasons()))


@extend_schema(tags=["dhcp servers"])
class ErrandViewSet(ListModelMixin, RetrieveModelMixin, DhcpViewSet):
    """What workers were asked to do at servers' hosts, and what came of it."""

    queryset = Errand.objects.select_related("server__host")
    serializer_class = ErrandSerializer
    filterset_fields = ["server", "kind", "state"]


def errand_answer(request: Request, ask: Any) -> Response:
    """Ask once for each key, and wake a worker."""
    errand, status = once(request, ask)
    run_errand.delay_on_commit(errand.pk)
    return Response(ErrandSerializer(errand).data, status=status)
