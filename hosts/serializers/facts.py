"""What hosts said of themselves, on the wire."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from hosts.choices import Severity
from hosts.models import FactsRecord
from hosts.serializers.fields import SaidField


class FindingSerializer(serializers.Serializer[Any]):
    """Something about the host that a person should know."""

    id = serializers.CharField()
    severity = serializers.ChoiceField(choices=Severity.choices)
    subject = serializers.CharField()
    title = SaidField()
    why = SaidField()
    what_to_do = SaidField()


class FactsRecordSerializer(serializers.ModelSerializer[FactsRecord]):
    """One state of a host's facts, in a list."""

    findings = FindingSerializer(many=True)

    class Meta:
        model = FactsRecord
        fields = ["id", "first_at", "last_at", "digest", "findings"]
        read_only_fields = fields


class FactsSerializer(FactsRecordSerializer):
    """One state of a host's facts with everything in it."""

    report = serializers.SerializerMethodField()
    damage = serializers.ListField(child=SaidField())

    class Meta(FactsRecordSerializer.Meta):
        fields = [*FactsRecordSerializer.Meta.fields, "report", "damage"]
        read_only_fields = fields

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_report(self, record: FactsRecord) -> Any:
        """The facts as the parser found them, group by group."""
        return record.report
