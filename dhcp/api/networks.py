"""What a server is made of: networks, pools, groups, classes, custom options, DDNS, failover, keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from dhcp.api.front import DeclaredViewSet
from dhcp.facts.check import Check
from dhcp.models import (
    ClientClass,
    Definition,
    Group,
    Key,
    Peer,
    Pool,
    SharedNetwork,
    Space,
    Subclass,
    Subnet,
    Zone,
)
from dhcp.serializers import networks as shapes
from dhcp.serializers.networks import ranges_said
from dhcp.serializers.site import FreeQuery, FreeSerializer, MapSerializer, UsageQuery, UsageSerializer
from dhcp.services import editing
from dhcp.services.reservations import free_addresses
from dhcp.services.subnet_maps import cells
from dhcp.services.usage import forecasts, fullness_of, history, latest_usage
from hosts.choices import Scope

MOST_SAMPLES = 5000
USUAL_HISTORY = timedelta(days=14)
NETWORKS = "dhcp networks"


def usage_of(network: Subnet | SharedNetwork, asked: dict[str, Any]) -> dict[str, Any]:
    """How full it is as of the last sample, and how it was."""
    now = timezone.now()
    latest = latest_usage(network.server)
    is_subnet = isinstance(network, Subnet)
    counts = (latest.subnets if is_subnet else latest.shared_networks)[network.pk]
    ahead = forecasts(network.server, now=now)[0 if is_subnet else 1].get(network.pk)
    found = fullness_of(network, counts, ahead)
    since, until = asked.get("since", now - USUAL_HISTORY), asked.get("until", now)
    return {
        "now": counts,
        "warn_percent": found.thresholds.warn,
        "alarm_percent": found.thresholds.alarm,
        "forecast": ahead,
        "history": history(network, since=since, until=until)[:MOST_SAMPLES],
    }


@extend_schema(tags=[NETWORKS])
class SharedNetworkViewSet(DeclaredViewSet):
    """Subnets on one wire."""

    model = SharedNetwork
    queryset = SharedNetwork.objects.select_related("server__host")
    serializer_class = shapes.SharedNetworkSerializer
    filterset_fields = ["server", "name"]
    needs = {"usage": (Scope.READ, "dhcp.view_sharednetwork")}

    @extend_schema(parameters=[UsageQuery], responses=UsageSerializer)
    @action(detail=True, pagination_class=None)
    def usage(self, request: Request, pk: str) -> Response:
        """How full it is, when it will be full, and how it was."""
        return Response(UsageSerializer(usage_of(self.get_object(), self.asked(UsageQuery))).data)


@extend_schema(tags=[NETWORKS])
class SubnetViewSet(DeclaredViewSet):
    """Networks."""

    model = Subnet
    queryset = Subnet.objects.select_related("server__host", "shared_network").prefetch_related("pools__ranges")
    serializer_class = shapes.SubnetSerializer
    filterset_fields = ["server", "shared_network", "network"]
    needs = {
        "usage": (Scope.READ, "dhcp.view_subnet"),
        "map": (Scope.READ, "dhcp.view_lease"),
        "free": (Scope.READ, "dhcp.view_subnet"),
    }

    def save(self, row: Any, sent: dict[str, Any]) -> list[Check]:
        """One service call."""
        ranges, confirmed = ranges_said(sent.get("ranges")), sent.get("confirmed", False)
        return editing.save_subnet(row, by=self.by(), ranges=ranges, confirmed=confirmed)

    @extend_schema(parameters=[UsageQuery], responses=UsageSerializer)
    @action(detail=True, pagination_class=None)
    def usage(self, request: Request, pk: str) -> Response:
        """How full it is, when it will be full, and how it was."""
        return Response(UsageSerializer(usage_of(self.get_object(), self.asked(UsageQuery))).data)

    @extend_schema(responses=MapSerializer)
    @action(detail=True, pagination_class=None)
    def map(self, request: Request, pk: str) -> Response:
        """Who has each address; of a network of more than 4096, how full each block of a /24 is."""
        return Response(MapSerializer(cells(self.get_object(), now=timezone.now())).data)

    @extend_schema(parameters=[FreeQuery], responses=FreeSerializer)
    @action(detail=True, pagination_class=None, url_path="free-address")
    def free(self, request: Request, pk: str) -> Response:
        """The lowest addresses that nobody has, outside of all ranges."""
        said = self.asked(FreeQuery)
        found = free_addresses(self.get_object(), after=said.get("after", ""), most=said["count"])
        return Response({"addresses": found})


@extend_schema(tags=[NETWORKS])
class PoolViewSet(DeclaredViewSet):
    """Addresses that the same clients may have."""

    model = Pool
    queryset = Pool.objects.select_related("server__host").prefetch_related("ranges")
    serializer_class = shapes.PoolSerializer
    filterset_fields = ["server", "subnet", "shared_network"]

    def save(self, row: Any, sent: dict[str, Any]) -> list[Check]:
        """One service call."""
        ranges, confirmed = ranges_said(sent.get("ranges")), sent.get("confirmed", False)
        return editing.save_pool(row, by=self.by(), ranges=ranges, confirmed=confirmed)


@extend_schema(tags=[NETWORKS])
class GroupViewSet(DeclaredViewSet):
    """Declarations that share settings."""

    model = Group
    queryset = Group.objects.select_related("server__host")
    serializer_class = shapes.GroupSerializer
    filterset_fields = ["server", "name", "parent"]


@extend_schema(tags=[NETWORKS])
class ClassViewSet(DeclaredViewSet):
    """Classes of clients."""

    model = ClientClass
    queryset = ClientClass.objects.select_related("server__host")
    serializer_class = shapes.ClassSerializer
    filterset_fields = ["server", "name"]


@extend_schema(tags=[NETWORKS])
class SubclassViewSet(DeclaredViewSet):
    """Clients of a class that are named one by one."""

    model = Subclass
    queryset = Subclass.objects.select_related("server__host")
    serializer_class = shapes.SubclassSerializer
    filterset_fields = ["server", "of"]


@extend_schema(tags=[NETWORKS])
class SpaceViewSet(DeclaredViewSet):
    """Spaces of custom options."""

    model = Space
    queryset = Space.objects.select_related("server__host")
    serializer_class = shapes.SpaceSerializer
    filterset_fields = ["server", "name"]


@extend_schema(tags=[NETWORKS])
class DefinitionViewSet(DeclaredViewSet):
    """Custom options."""

    model = Definition
    queryset = Definition.objects.select_related("server__host")
    serializer_class = shapes.DefinitionSerializer
    filterset_fields = ["server", "name"]


@extend_schema(tags=[NETWORKS])
class ZoneViewSet(DeclaredViewSet):
    """DNS zones that servers update."""

    model = Zone
    queryset = Zone.objects.select_related("server__host")
    serializer_class = shapes.ZoneSerializer
    filterset_fields = ["server", "name"]


@extend_schema(tags=[NETWORKS])
class PeerViewSet(DeclaredViewSet):
    """Halves of failover pairs."""

    model = Peer
    queryset = Peer.objects.select_related("server__host")
    serializer_class = shapes.PeerSerializer
    filterset_fields = ["server", "name"]


@extend_schema(tags=[NETWORKS])
class KeyViewSet(DeclaredViewSet):
    """TSIG keys; their secrets are never given back."""

    model = Key
    queryset = Key.objects.select_related("server__host")
    serializer_class = shapes.KeySerializer
    filterset_fields = ["server", "name"]

    def save(self, row: Any, sent: dict[str, Any]) -> list[Check]:
        """One service call."""
        secret, confirmed = sent.get("secret", ""), sent.get("confirmed", False)
        return editing.save_key(row, by=self.by(), secret=secret, confirmed=confirmed)
