"""Rollouts on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from hosts.models import Change, Rollout
from hosts.serializers.changes import HostNameSerializer
from hosts.serializers.fields import SaidField, StateField


class RolloutSerializer(serializers.ModelSerializer[Rollout]):
    """A rollout in a list."""

    state = StateField()
    planned_by = serializers.CharField(read_only=True)
    started_by = serializers.CharField(read_only=True, allow_null=True)
    stopped_by = serializers.CharField(read_only=True, allow_null=True)
    stopped_why = SaidField()

    class Meta:
        model = Rollout
        fields = [
            "id", "uuid", "title", "why", "state", "canary_count", "batch_size", "failures_allowed", "planned_by",
            "planned_at", "started_by", "started_at", "finished_at", "stopped_by", "stopped_why",
        ]  # fmt: skip
        read_only_fields = fields


class CellSerializer(serializers.ModelSerializer[Change]):
    """One host of a rollout."""

    host = HostNameSerializer(read_only=True)
    state = StateField()
    outcome_why = SaidField()

    class Meta:
        model = Change
        fields = ["id", "position", "host", "state", "outcome_step", "outcome_why"]
        read_only_fields = fields


class RolloutDetailSerializer(RolloutSerializer):
    """A rollout with the changes of it that the asker may see, in their order."""

    changes = serializers.SerializerMethodField()

    class Meta(RolloutSerializer.Meta):
        fields = [*RolloutSerializer.Meta.fields, "changes"]
        read_only_fields = fields

    def get_changes(self, rollout: Rollout) -> list[dict[str, Any]]:
        """One cell for each host."""
        rows = rollout.changes.select_related("host").order_by("position", "id")
        return [dict(cell) for cell in CellSerializer(rows.visible_to(self.context["request"].user), many=True).data]
