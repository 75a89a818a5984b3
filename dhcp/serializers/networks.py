"""Servers and what they are made of, on the wire."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from dhcp.models import (
    ClientClass,
    Definition,
    Group,
    Key,
    Peer,
    Pool,
    Server,
    SharedNetwork,
    Space,
    Subclass,
    Subnet,
    Zone,
)
from dhcp.serializers.fields import SETTINGS, ChoiceStateField, DeclaredSerializer, PairField
from dhcp.services.editing import RangeSaid
from hosts.models import Host
from hosts.serializers.fields import SaidField, VisibleRow

WRITE = ("confirmed", "warnings")


class RangeSerializer(serializers.Serializer[Any]):
    """From the first address to the last, both included; with a `prefix_length`, prefixes to delegate."""

    first = serializers.CharField(max_length=39)
    last = serializers.CharField(max_length=39, required=False, allow_blank=True, default="")
    is_bootp = serializers.BooleanField(required=False, default=False)
    is_temporary = serializers.BooleanField(required=False, default=False)
    prefix_length = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=128)


def ranges_said(sent: list[dict[str, Any]] | None) -> list[RangeSaid] | None:
    """As the verbs take them; None where nothing was sent."""
    if sent is None:
        return None
    return [
        RangeSaid(
            each["first"],
            each.get("last", ""),
            each.get("is_bootp", False),
            each.get("is_temporary", False),
            each.get("prefix_length"),
        )
        for each in sent
    ]


class ServerSerializer(DeclaredSerializer):
    """A DHCP server on a host: the program, its files, what it says of all its networks, and what was seen of it."""

    host = VisibleRow(queryset=Host.objects.all())
    probe_host = VisibleRow(queryset=Host.objects.all(), allow_null=True, required=False)
    interfaces = serializers.ListField(child=serializers.CharField(max_length=15), required=False)
    service = ChoiceStateField("service")
    service_why = SaidField()
    leases_why = SaidField()
    log_why = SaidField()

    class Meta:
        model = Server
        validators: list[Any] = []
        fields = [
            "id", "host", "kind", "version", "interfaces", "config_path", "lease_path", "unit", "probes",
            "probe_host", "probe_interface", "warn_percent", "alarm_percent", *SETTINGS, "revision", "edited_at",
            "service", "service_why", "program_version", "addresses", "routes", "listening", "looked_at",
            "leases_read_at", "leases_why", "log_read_at", "log_why", *WRITE,
        ]  # fmt: skip
        read_only_fields = [
            "revision", "edited_at", "program_version", "addresses", "routes", "listening", "looked_at",
            "leases_read_at", "log_read_at",
        ]  # fmt: skip


class OfServerSerializer(DeclaredSerializer):
    """A declaration of a server; what it stands in is of the same server."""

    server = VisibleRow(queryset=Server.objects.all())


class SharedNetworkSerializer(OfServerSerializer):
    """Subnets on one wire."""

    group = VisibleRow(queryset=Group.objects.all(), allow_null=True, required=False)

    class Meta:
        model = SharedNetwork
        fields = ["id", "server", "group", "name", "interface", "warn_percent", "alarm_percent", *SETTINGS, *WRITE]


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A network behind a relay",
            value={
                "server": 1,
                "network": "192.168.1.0/24",
                "name": "B network",
                "ranges": [{"first": "192.168.1.10", "last": "192.168.1.20"}],
                "options": [{"name": "routers", "values": ["192.168.1.254"]}],
                "default_lease_seconds": "8 h",
            },
            request_only=True,
        )
    ]
)
class SubnetSerializer(OfServerSerializer):
    """A network with the ranges that stand in it; ranges with rules of their own are pools."""

    shared_network = VisibleRow(queryset=SharedNetwork.objects.all(), allow_null=True, required=False)
    group = VisibleRow(queryset=Group.objects.all(), allow_null=True, required=False)
    ranges = RangeSerializer(many=True, required=False, write_only=True)

    class Meta:
        model = Subnet
        fields = [
            "id", "server", "shared_network", "group", "network", "name", "interface", "number", "warn_percent",
            "alarm_percent", "ranges", *SETTINGS, *WRITE,
        ]  # fmt: skip

    def to_representation(self, instance: Subnet) -> dict[str, Any]:
        """With the ranges of its plain pool."""
        plain = next((pool for pool in instance.pools.all() if pool.is_plain), None)
        ranges = RangeSerializer(plain.ranges.all(), many=True).data if plain else []
        return {**super().to_representation(instance), "ranges": ranges}


class PoolSerializer(OfServerSerializer):
    """Addresses that the same clients may have. `permits` are pairs: ["allow", "members of \\"phones\\""]."""

    subnet = VisibleRow(queryset=Subnet.objects.all(), allow_null=True, required=False)
    shared_network = VisibleRow(queryset=SharedNetwork.objects.all(), allow_null=True, required=False)
    permits = serializers.ListField(child=PairField(), required=False)
    ranges = RangeSerializer(many=True, required=False)

    class Meta:
        model = Pool
        fields = [
            "id", "server", "subnet", "shared_network", "name", "is_plain", "permits", "failover", "ranges", *SETTINGS,
            *WRITE,
        ]  # fmt: skip
        read_only_fields = ["is_plain"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """In one network."""
        homes = [attrs.get(name, getattr(self.instance, name, None)) for name in ("subnet", "shared_network")]
        if sum(home is not None for home in homes) != 1:
            raise serializers.ValidationError({"subnet": _("A pool stands in a subnet or in a shared network.")})
        return attrs


class GroupSerializer(OfServerSerializer):
    """Declarations that share settings."""

    parent = VisibleRow(queryset=Group.objects.all(), allow_null=True, required=False)  # type: ignore[assignment]

    class Meta:
        model = Group
        fields = ["id", "server", "name", "parent", *SETTINGS, *WRITE]


class ClassSerializer(OfServerSerializer):
    """A class of clients; `match` is what stands after each match, `test` what Kea asks instead."""

    match = serializers.ListField(child=serializers.CharField(max_length=2000), required=False)

    class Meta:
        model = ClientClass
        fields = ["id", "server", "name", "match", "spawn", "lease_limit", "test", *SETTINGS, *WRITE]


class SubclassSerializer(OfServerSerializer):
    """Clients of a class that are named one by one."""

    class Meta:
        model = Subclass
        fields = ["id", "server", "of", "data", "lease_limit", *SETTINGS, *WRITE]


class PlainSerializer(serializers.ModelSerializer[Any]):
    """A row of a server without settings."""

    server = VisibleRow(queryset=Server.objects.all())
    confirmed = serializers.BooleanField(write_only=True, required=False, default=False)
    warnings = serializers.SerializerMethodField()

    def get_warnings(self, row: Any) -> list[str]:
        """What the edit brought in."""
        found: list[str] = self.context.get("warnings", [])
        return found


class SpaceSerializer(PlainSerializer):
    """A space of custom options."""

    class Meta:
        model = Space
        fields = ["id", "server", "name", "widths", *WRITE]


class DefinitionSerializer(PlainSerializer):
    """A custom option: its code and its type."""

    class Meta:
        model = Definition
        fields = ["id", "server", "name", "code", "type", *WRITE]


class ZoneSerializer(PlainSerializer):
    """A DNS zone that the server updates."""

    class Meta:
        model = Zone
        fields = ["id", "server", "name", "primary", "key", *WRITE]


class PeerSerializer(PlainSerializer):
    """A server's half of a failover pair."""

    partner = VisibleRow(queryset=Server.objects.all(), allow_null=True, required=False)

    class Meta:
        model = Peer
        validators: list[Any] = []
        fields = [
            "id", "server", "partner", "name", "is_primary", "address", "peer_address", "port", "peer_port",
            "max_response_delay_seconds", "max_unacked_updates", "mclt_seconds", "split", "load_balance_max_seconds",
            "state", "partner_state", "state_at", *WRITE,
        ]  # fmt: skip
        read_only_fields = ["state", "partner_state", "state_at"]


class KeySerializer(PlainSerializer):
    """A TSIG key. Its secret goes in and is never given back."""

    secret = serializers.CharField(write_only=True, required=False, allow_blank=True, default="", max_length=2000)

    class Meta:
        model = Key
        fields = ["id", "server", "name", "algorithm", "is_for_omapi", "secret", *WRITE]
