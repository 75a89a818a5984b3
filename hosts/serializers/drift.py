"""A file under management with what lies on the host instead, on the wire."""

from __future__ import annotations

from rest_framework import serializers

from hosts.models import HostFile
from hosts.rules.diff import file_diff
from hosts.serializers.changes import MOST_DIFF_ROWS, diff_line
from hosts.serializers.managed import HostFileSerializer


class LiveFileSerializer(HostFileSerializer):
    """The same with the difference from what was put there to what lies there."""

    diff = serializers.SerializerMethodField()

    class Meta(HostFileSerializer.Meta):
        fields = [*HostFileSerializer.Meta.fields, "diff"]
        read_only_fields = fields

    def get_diff(self, row: HostFile) -> str | None:
        """Unified; null where nothing differs, the text is not known, binary or secret."""
        if row.is_secret or row.live_content is None:
            return None
        found = file_diff(row.content.read(), row.live_content.read())
        return None if found.is_binary else "".join(diff_line(each) for each in found.rows[:MOST_DIFF_ROWS])
