"""Reservations, leases, conversations, findings, relays and errands on the wire."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from dhcp.models import Errand, Exchange, Group, Holding, Lease, Problem, Relay, Reservation, Server, Subnet
from dhcp.serializers.fields import LEASE_STATES, OUTCOMES, SETTINGS, ChoiceStateField, LeaseStateField, OutcomeField
from dhcp.serializers.networks import WRITE, OfServerSerializer
from hosts.models import Host, Organization
from hosts.serializers.fields import Base64Field, SaidField, VisibleRow


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "The seed's web server",
            value={
                "server": 1,
                "name": "web01",
                "mac": "00:16:3e:cf:e6:3a",
                "addresses": ["192.168.1.151"],
                "hostname": "webserver01",
            },
            request_only=True,
        )
    ]
)
class ReservationSerializer(OfServerSerializer):
    """A machine with addresses or settings of its own."""

    group = VisibleRow(queryset=Group.objects.all(), allow_null=True, required=False)
    organization = VisibleRow(queryset=Organization.objects.all(), allow_null=True, required=False)
    mac = serializers.CharField(max_length=60, required=False, allow_blank=True, help_text=_("In any spelling."))
    addresses = serializers.ListField(child=serializers.CharField(max_length=253), required=False, write_only=True)
    prefixes = serializers.ListField(child=serializers.CharField(max_length=253), required=False, write_only=True)
    leaves_range = serializers.BooleanField(
        write_only=True,
        required=False,
        default=False,
        help_text=_("Take its addresses out of the ranges that hold them."),
    )

    class Meta:
        model = Reservation
        fields = [
            "id", "server", "group", "organization", "name", "hardware", "mac", "client_id", "match", "hostname",
            "is_enabled", "addresses", "prefixes", "leaves_range", *SETTINGS, *WRITE,
        ]  # fmt: skip

    def to_representation(self, instance: Reservation) -> dict[str, Any]:
        """With its addresses and prefixes."""
        rows = list(instance.addresses.all())
        return {
            **super().to_representation(instance),
            "addresses": [each.address for each in rows if not each.is_prefix],
            "prefixes": [each.address for each in rows if each.is_prefix],
        }


class LeaseSerializer(serializers.ModelSerializer[Lease]):
    """The last word on an address at a server."""

    state = LeaseStateField()
    server_name = serializers.CharField(source="server", read_only=True)

    class Meta:
        model = Lease
        fields = [
            "id", "server", "server_name", "address", "state", "next_state", "mac", "client_id", "hostname",
            "vendor_class", "starts_at", "ends_at", "never_ends", "last_contact_at",
        ]  # fmt: skip
        read_only_fields = fields


class HoldingSerializer(serializers.ModelSerializer[Holding]):
    """Who had an address from when to when; `until_at` is what was promised."""

    class Meta:
        model = Holding
        fields = [
            "id", "server", "address", "mac", "client_id", "hostname", "began_at", "until_at", "ended_at", "is_open",
        ]  # fmt: skip
        read_only_fields = fields


class HadSerializer(serializers.Serializer[Any]):
    """Somebody who had an address at a time."""

    holding = HoldingSerializer()
    is_certain = serializers.BooleanField(help_text=_("False where the time that was promised had run out."))


class RungSerializer(serializers.Serializer[Any]):
    """A message of a conversation: from whom to whom, and what went wrong there."""

    message = serializers.CharField()
    source = serializers.CharField(help_text="client, relay, server")  # type: ignore[assignment]
    target = serializers.CharField()
    ip = serializers.CharField()
    note = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True, help_text=_("Since the first message."))
    kind = serializers.CharField(help_text="said, broken, missing")
    why = SaidField()


class ExchangeSerializer(serializers.ModelSerializer[Exchange]):
    """One attempt of a machine to get an address."""

    outcome = OutcomeField()
    reason = SaidField()

    class Meta:
        model = Exchange
        fields = [
            "id", "server", "mac", "client_id", "ip", "hostname", "via", "relay", "outcome", "reason", "started_at",
            "ended_at",
        ]  # fmt: skip
        read_only_fields = fields


class ExchangeDetailSerializer(ExchangeSerializer):
    """The same with its messages, drawn as pages draw them."""

    rungs = RungSerializer(many=True, read_only=True)

    class Meta(ExchangeSerializer.Meta):
        fields = [*ExchangeSerializer.Meta.fields, "rungs"]
        read_only_fields = fields


class ProblemSerializer(serializers.ModelSerializer[Problem]):
    """A finding, where it is, and what would mend it."""

    title = SaidField()
    why = SaidField()
    what_to_do = SaidField()
    mend = SaidField(source="mend_words")
    severity = ChoiceStateField("severity")

    class Meta:
        model = Problem
        fields = [
            "id", "server", "relay", "source", "rule", "subject", "severity", "title", "why", "what_to_do",
            "place_kind", "place_name", "place_field", "mend", "mend_value", "found_at", "seen_at",
        ]  # fmt: skip
        read_only_fields = fields


class DiagnosisSerializer(serializers.Serializer[Any]):
    """Why a machine has an address or none: sentences, the answer first, and what they are made of."""

    answers = serializers.ListField(child=SaidField())
    leases = LeaseSerializer(many=True)
    reservations = ReservationSerializer(many=True)
    exchanges = ExchangeSerializer(many=True)
    problems = ProblemSerializer(many=True)


class RelaySerializer(serializers.ModelSerializer[Relay]):
    """A relay on a host. `giaddr` and `uplinks` are addresses with their length."""

    host = VisibleRow(queryset=Host.objects.all())
    servers = serializers.ListField(child=serializers.CharField(max_length=253))
    interfaces = serializers.ListField(child=serializers.CharField(max_length=15), required=False)
    options = serializers.ListField(child=serializers.CharField(max_length=200), required=False)
    giaddr = serializers.ListField(child=serializers.CharField(max_length=43), required=False)
    uplinks = serializers.ListField(child=serializers.CharField(max_length=43), required=False)
    service = ChoiceStateField("service")
    service_why = SaidField()

    class Meta:
        model = Relay
        fields = [
            "id", "host", "servers", "interfaces", "options", "giaddr", "uplinks", "note", "revision", "edited_at",
            "service", "service_why", "looked_at", "log_read_at",
        ]  # fmt: skip
        read_only_fields = ["revision", "edited_at", "looked_at", "log_read_at"]


class ErrandSerializer(serializers.ModelSerializer[Errand]):
    """Something that a worker does at a server's host; read it again until it is done or failed."""

    kind = ChoiceStateField("kind")
    state = ChoiceStateField("state")
    answer = serializers.SerializerMethodField()
    why = SaidField()

    class Meta:
        model = Errand
        fields = ["id", "server", "kind", "state", "asked", "answer", "why", "asked_at", "began_at", "done_at"]
        read_only_fields = fields

    def get_answer(self, row: Errand) -> dict[str, Any]:
        """What came of it; files that were read are named, and their contents stay sealed."""
        found: dict[str, Any] = dict(row.answer)
        if "files" in found:
            found["files"] = sorted(found["files"])
        return found


class LeaseQuery(serializers.Serializer[Any]):
    """What to see of the leases."""

    q = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="Address, network, MAC or a piece, name, client id."
    )
    server = VisibleRow(queryset=Server.objects.all(), required=False)
    subnet = VisibleRow(queryset=Subnet.objects.all(), required=False)
    state = serializers.ChoiceField(choices=LEASE_STATES, required=False)
    vendor = serializers.CharField(required=False, max_length=100, help_text="The beginning of a vendor class.")


class ExchangeQuery(serializers.Serializer[Any]):
    """What to see of the conversations."""

    q = serializers.CharField(required=False, allow_blank=True, max_length=200, help_text="Address, MAC, name.")
    server = VisibleRow(queryset=Server.objects.all(), required=False)
    outcome = serializers.ChoiceField(choices=OUTCOMES, required=False)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)


class ReservationQuery(serializers.Serializer[Any]):
    """What to see of the reservations."""

    q = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="Name, host name, MAC, client id, address, network."
    )
    server = VisibleRow(queryset=Server.objects.all(), required=False)
    organization = VisibleRow(queryset=Organization.objects.all(), required=False)
    is_enabled = serializers.BooleanField(required=False, allow_null=True, default=None)


class SaidQuery(serializers.Serializer[Any]):
    """A machine, by what one has of it."""

    q = serializers.CharField(max_length=200, help_text="MAC in any spelling, host name, address, client id.")


class WhoHadQuery(serializers.Serializer[Any]):
    """An address and a time."""

    address = serializers.IPAddressField()
    at = serializers.DateTimeField()


class ReserveSerializer(serializers.Serializer[Any]):
    """How a lease becomes a reservation."""

    name = serializers.CharField(required=False, allow_blank=True, default="", max_length=255)
    leaves_range = serializers.BooleanField(required=False, default=True)


class TableSerializer(serializers.Serializer[Any]):
    """A table of reservations (CSV), as text or as the bytes of the file."""

    server = VisibleRow(queryset=Server.objects.all())
    text = serializers.CharField(required=False, trim_whitespace=False)
    base64 = Base64Field(required=False)
    is_trial = serializers.BooleanField(default=False, help_text=_("Only say what would come of it."))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of the two."""
        if ("text" in attrs) == ("base64" in attrs):
            raise serializers.ValidationError({"text": _("Send the table as text or as base64.")})
        return attrs

    def data_sent(self) -> bytes:
        """The bytes of the table."""
        sent = self.validated_data
        return bytes(sent["base64"]) if "base64" in sent else str(sent["text"]).encode()


class VerdictSerializer(serializers.Serializer[Any]):
    """What becomes of a line: new, changed, same, wrong or left-out."""

    line = serializers.IntegerField(source="line.number")
    name = serializers.CharField(source="line.name")
    kind = serializers.CharField()
    why = serializers.ListField(child=SaidField())
    changes = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()), help_text=_("Field, before, after.")
    )


class TableOutcomeSerializer(serializers.Serializer[Any]):
    """All lines; `refused` is what is wrong with none of them alone."""

    is_done = serializers.BooleanField()
    lines = VerdictSerializer(many=True, source="verdicts")
    refused = serializers.ListField(child=SaidField())
