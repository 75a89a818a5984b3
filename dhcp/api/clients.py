"""Machines: their reservations, leases and conversations, why one has no address, and findings."""

from __future__ import annotations

from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from dhcp.api.front import ONCE, ByKey, ByTime, DeclaredViewSet, DhcpViewSet, once
from dhcp.api.servers import ERRAND, errand_answer
from dhcp.facts.check import Check
from dhcp.models import Exchange, Lease, Problem, Reservation
from dhcp.parse.reservation_csv import reservation_csv
from dhcp.rules.ladder import ladder
from dhcp.serializers.clients import (
    DiagnosisSerializer,
    ExchangeDetailSerializer,
    ExchangeQuery,
    ExchangeSerializer,
    HadSerializer,
    HoldingSerializer,
    LeaseQuery,
    LeaseSerializer,
    ProblemSerializer,
    ReservationQuery,
    ReservationSerializer,
    ReserveSerializer,
    SaidQuery,
    TableOutcomeSerializer,
    TableSerializer,
    WhoHadQuery,
)
from dhcp.serializers.site import ConfirmedSerializer
from dhcp.services import errands, mending
from dhcp.services.diagnoses import diagnose
from dhcp.services.log_findings import conversation_of
from dhcp.services.lookups import find_exchanges, find_holdings, find_leases, who_had
from dhcp.services.reservation_lists import csv_lines, import_table
from dhcp.services.reservations import reserve_lease, save_beside_pools
from dhcp.services.searches import reservations_with
from hosts.api.front import person
from hosts.choices import Scope

MOST_HELD = 200
WRITES = (Scope.PLAN, "dhcp.add_reservation")
CLIENTS = "dhcp clients"


@extend_schema(tags=[CLIENTS])
class ReservationViewSet(DeclaredViewSet):
    """Machines with addresses or settings of their own."""

    model = Reservation
    queryset = Reservation.objects.select_related("server__host", "organization").prefetch_related("addresses")
    serializer_class = ReservationSerializer
    needs = {
        "export": (Scope.READ, "dhcp.view_reservation"),
        "import_table": (Scope.PLAN, "dhcp.change_reservation"),
    }

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False) or self.action not in ("list", "export"):
            return super().get_queryset()
        said = self.asked(ReservationQuery)
        rows = reservations_with(self.asker, said.get("q", ""))
        for name in ("server", "organization"):
            rows = rows.filter(**{name: said[name]}) if name in said else rows
        return rows if said["is_enabled"] is None else rows.filter(is_enabled=said["is_enabled"])

    def save(self, row: Any, sent: dict[str, Any]) -> list[Check]:
        """One service call."""
        return save_beside_pools(
            row,
            by=self.by(),
            addresses=sent.get("addresses"),
            prefixes=sent.get("prefixes"),
            leaves_range=sent.get("leaves_range", False),
        )

    @extend_schema(parameters=[ReservationQuery])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Those that fit all conditions, the newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(parameters=[ReservationQuery], responses={(200, "text/csv"): OpenApiTypes.STR})
    @action(detail=False, pagination_class=None)
    def export(self, request: Request) -> Any:
        """Those that fit as CSV (RFC 4180, UTF-8 with a byte order mark); `import` reads it back."""
        rows = self.get_queryset().order_by("server", "name", "pk")
        return StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")

    @extend_schema(request=TableSerializer, responses=TableOutcomeSerializer)
    @action(detail=False, methods=["post"], url_path="import")
    def import_table(self, request: Request) -> Response:
        """Add and change reservations by a table: all of it or nothing. Read `is_done`, and why not of each line."""
        serializer = self.checked(TableSerializer)
        sent = serializer.validated_data
        table = reservation_csv(serializer.data_sent())
        self.check_add(request)
        outcome = import_table(sent["server"], table, by=self.by(), is_trial=sent["is_trial"])
        return Response(TableOutcomeSerializer(outcome).data)

    def check_add(self, request: Request) -> None:
        """A table adds rows, too."""
        if not person(request).has_perm("dhcp.add_reservation"):
            self.permission_denied(request)


@extend_schema(tags=[CLIENTS])
class LeaseViewSet(ListModelMixin, RetrieveModelMixin, DhcpViewSet):
    """Who has which address now."""

    queryset = Lease.objects.select_related("server__host__organization")
    serializer_class = LeaseSerializer
    pagination_class = ByKey
    filter_backends: list[Any] = []
    needs = {
        "history": (Scope.READ, "dhcp.view_lease"),
        "who_had": (Scope.READ, "dhcp.view_lease"),
        "release": (Scope.PLAN, "dhcp.change_lease"),
        "reserve": WRITES,
    }

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False) or self.action != "list":
            return super().get_queryset()
        said = self.asked(LeaseQuery)
        server = said.get("server")
        return find_leases(
            self.asker,
            said.get("q", ""),
            server_id=server.pk if server else None,
            subnet=said.get("subnet"),
            state=said.get("state", ""),
            vendor=said.get("vendor", ""),
        ).rows

    @extend_schema(parameters=[LeaseQuery])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Those that fit all conditions, by address. A search by a piece of a text finds a thousand at most."""
        return super().list(request, *args, **kwargs)

    @extend_schema(responses=HoldingSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def history(self, request: Request, pk: str) -> Response:
        """Who had this address, and what else its machine had; the newest 200."""
        row = self.get_object()
        found = {
            each.pk: each for each in find_holdings(self.asker, row.address).rows.order_by("-began_at")[:MOST_HELD]
        }
        if row.mac:
            more = find_holdings(self.asker, row.mac).rows.order_by("-began_at")[:MOST_HELD]
            found |= {each.pk: each for each in more}
        newest = sorted(found.values(), key=lambda each: each.began_at, reverse=True)[:MOST_HELD]
        return Response(HoldingSerializer(newest, many=True).data)

    @extend_schema(parameters=[WhoHadQuery], responses=HadSerializer(many=True))
    @action(detail=False, pagination_class=None, url_path="who-had")
    def who_had(self, request: Request) -> Response:
        """Who had an address at a time; those who surely had it first."""
        said = self.asked(WhoHadQuery)
        return Response(HadSerializer(who_had(said["address"], said["at"], self.asker), many=True).data)

    @extend_schema(request=None, responses=ERRAND, parameters=[ONCE])
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Response:
        """Take the lease back at the running server; a worker does it. Its machine is not told."""
        row = self.get_object()
        return errand_answer(request, lambda: errands.ask_release(row, by=self.by()))

    @extend_schema(
        request=ReserveSerializer, responses={201: ReservationSerializer, 200: ReservationSerializer}, parameters=[ONCE]
    )
    @action(detail=True, methods=["post"])
    def reserve(self, request: Request, pk: str) -> Response:
        """Make it a reservation: its machine keeps the address, which leaves the range that holds it."""
        lease, sent = self.get_object(), self.checked(ReserveSerializer).validated_data
        row, status = once(request, lambda: reserve_lease(lease, by=self.by(), **sent))
        return Response(ReservationSerializer(row, context=self.get_serializer_context()).data, status=status)


@extend_schema(tags=[CLIENTS])
class ExchangeViewSet(ListModelMixin, RetrieveModelMixin, DhcpViewSet):
    """Attempts of machines to get an address, and how they ended."""

    queryset = Exchange.objects.select_related("server__host")
    serializer_class = ExchangeSerializer
    detail_serializer_class = ExchangeDetailSerializer
    pagination_class = ByTime
    filter_backends: list[Any] = []

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False) or self.action != "list":
            return super().get_queryset()
        said = self.asked(ExchangeQuery)
        server = said.get("server")
        return find_exchanges(
            self.asker,
            said.get("q", ""),
            server_id=server.pk if server else None,
            outcome=said.get("outcome", ""),
            since=said.get("since"),
            until=said.get("until"),
        ).rows.defer("lines")

    @extend_schema(parameters=[ExchangeQuery])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Those that fit all conditions, the newest first."""
        return super().list(request, *args, **kwargs)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One with its messages, and the step at which it broke."""
        row: Any = self.get_object()
        row.rungs = ladder(conversation_of(row)).rungs
        return Response(ExchangeDetailSerializer(row, context=self.get_serializer_context()).data)


@extend_schema(tags=[CLIENTS])
class DiagnosisViewSet(ViewSet):
    """Why a machine gets no address."""

    needs = {"list": (Scope.READ, "dhcp.view_exchange")}

    @extend_schema(parameters=[SaidQuery], responses=DiagnosisSerializer)
    def list(self, request: Request) -> Response:
        """One answer of reservation, lease, last conversations and findings; parts that one may not see are empty."""
        query = SaidQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        user = person(request)
        found = diagnose(query.validated_data["q"], user, now=timezone.now())
        shown = {
            "answers": found.answers,
            "leases": found.leases if user.has_perm("dhcp.view_lease") else [],
            "reservations": found.reservations if user.has_perm("dhcp.view_reservation") else [],
            "exchanges": found.exchanges,
            "problems": found.problems if user.has_perm("dhcp.view_problem") else [],
        }
        return Response(DiagnosisSerializer(shown, context={"request": request}).data)


@extend_schema(tags=["dhcp servers"])
class ProblemViewSet(ListModelMixin, RetrieveModelMixin, DhcpViewSet):
    """Findings about servers, their networks, relays and logs; each is here for as long as it is so."""

    queryset = Problem.objects.select_related("server__host", "relay__host")
    serializer_class = ProblemSerializer
    filterset_fields = ["server", "relay", "source", "rule", "severity"]
    needs = {"mend": (Scope.PLAN, "dhcp.change_server")}

    @extend_schema(request=ConfirmedSerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def mend(self, request: Request, pk: str) -> Response:
        """Write what the finding offers into the row it stands at."""
        problem, sent = self.get_object(), self.checked(ConfirmedSerializer).validated_data
        mending.mend(problem, by=self.by(), confirmed=sent["confirmed"])
        return Response(status=204)
