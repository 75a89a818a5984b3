"""What is asked of servers and of whole sites, and what they answer, on the wire."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from dhcp.models import Errand, Relay, Server
from hosts.serializers.fields import SaidField, VisibleRow
from hosts.serializers.planning import ReasonSerializer


class SitePlanSerializer(ReasonSerializer):
    """Servers and relays that are told together, servers first."""

    servers = VisibleRow(queryset=Server.objects.select_related("host"), many=True, required=False)
    relays = VisibleRow(queryset=Relay.objects.select_related("host"), many=True, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Some of them."""
        if not attrs.get("servers") and not attrs.get("relays"):
            raise serializers.ValidationError({"servers": _("Name at least one server or relay by its id.")})
        return attrs


class TakeOverSerializer(serializers.Serializer[Any]):
    """A configuration: its text with the files that it includes by name, or the errand that read it on the host."""

    text = serializers.CharField(required=False, trim_whitespace=False, max_length=5_000_000)
    includes = serializers.DictField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False), required=False, default=dict
    )
    errand = VisibleRow(queryset=Errand.objects.all(), required=False)
    interfaces = serializers.ListField(child=serializers.CharField(max_length=15), required=False, default=list)
    replace = serializers.BooleanField(
        default=False, help_text=_("Put it in the place of what the panel has of this server.")
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of the two."""
        if ("text" in attrs) == ("errand" in attrs):
            raise serializers.ValidationError({"text": _("Send the configuration as text, or name an errand.")})
        return attrs


class KeptSerializer(serializers.Serializer[Any]):
    """Text that nobody understood and that is kept where it stands."""

    text = serializers.CharField()
    within = serializers.CharField()
    file = serializers.CharField()
    line = serializers.IntegerField()


class TakenOverSerializer(serializers.Serializer[Any]):
    """How many rows of which kind came in, what was kept as it is, and included files that could not be had."""

    counts = serializers.DictField(child=serializers.IntegerField())
    kept = KeptSerializer(many=True)
    missing = serializers.ListField(child=serializers.CharField())


class DhcpMeaningSerializer(serializers.Serializer[Any]):
    """One line of what sending it will do."""

    sign = serializers.CharField(help_text="add, take, same, heed, info")
    said = SaidField(source="words")


class ServerPreviewSerializer(serializers.Serializer[Any]):
    """The file as it would be sent, what that means, or why it cannot be sent. No host was asked."""

    text = serializers.CharField()
    means = DhcpMeaningSerializer(many=True)
    why_not = SaidField()


class AddressesSerializer(serializers.Serializer[Any]):
    """Addresses to be asked."""

    addresses = serializers.ListField(child=serializers.CharField(max_length=45), min_length=1, max_length=64)


class AddressCountsSerializer(serializers.Serializer[Any]):
    """Addresses by state (`active`) and by time (`held`) side by side."""

    defined = serializers.IntegerField()
    active = serializers.IntegerField()
    held = serializers.IntegerField()
    touched = serializers.IntegerField()
    backup = serializers.IntegerField()
    abandoned = serializers.IntegerField()
    reserved = serializers.IntegerField()
    free = serializers.IntegerField()
    percent = serializers.FloatField()


class ForecastSerializer(serializers.Serializer[Any]):
    """At the pace of the last two weeks."""

    full_in_days = serializers.IntegerField()
    more_each_week = serializers.FloatField()


class SampleSerializer(serializers.Serializer[Any]):
    """How full it was at a time."""

    at = serializers.DateTimeField()
    defined = serializers.IntegerField()
    active = serializers.IntegerField()
    held = serializers.IntegerField()
    abandoned = serializers.IntegerField()
    reserved = serializers.IntegerField()
    percent = serializers.FloatField()


class UsageSerializer(serializers.Serializer[Any]):
    """How full a network is as of the last sample, when it will be full, and how it was."""

    now = AddressCountsSerializer()
    warn_percent = serializers.IntegerField()
    alarm_percent = serializers.IntegerField()
    forecast = ForecastSerializer(allow_null=True)
    history = SampleSerializer(many=True)


class UsageQuery(serializers.Serializer[Any]):
    """Of which time."""

    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)


class CellSerializer(serializers.Serializer[Any]):
    """One address of a network."""

    address = serializers.CharField()
    kind = serializers.CharField(help_text="leased, abandoned, backup, reserved, free, outside")
    is_in_pool = serializers.BooleanField()
    mac = serializers.CharField()
    hostname = serializers.CharField()
    until = serializers.DateTimeField(allow_null=True)
    never_ends = serializers.BooleanField()
    reserved_for = serializers.CharField()


class BlockSerializer(serializers.Serializer[Any]):
    """Several addresses of a large network."""

    first = serializers.CharField()
    last = serializers.CharField()
    size = serializers.IntegerField()
    in_pools = serializers.IntegerField()
    leased = serializers.IntegerField()
    abandoned = serializers.IntegerField()
    reserved = serializers.IntegerField()
    percent = serializers.FloatField()


class MapSerializer(serializers.Serializer[Any]):
    """Every address of a network of up to 4096, blocks of a larger one."""

    first = serializers.CharField()
    last = serializers.CharField()
    cells = CellSerializer(many=True)
    blocks = BlockSerializer(many=True)


class FreeQuery(serializers.Serializer[Any]):
    """How many, and after which address."""

    after = serializers.IPAddressField(required=False)
    count = serializers.IntegerField(required=False, min_value=1, max_value=64, default=1)


class FreeSerializer(serializers.Serializer[Any]):
    """Addresses that nobody has, outside of all ranges; a ping from the server can tell more."""

    addresses = serializers.ListField(child=serializers.CharField())


class ConfirmedSerializer(serializers.Serializer[Any]):
    """That it is meant."""

    confirmed = serializers.BooleanField(required=False, default=False)
