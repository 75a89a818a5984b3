"""A change that holds goes in, its files are under management from then on."""

from __future__ import annotations

from datetime import datetime

from hosts.choices import DriftState
from hosts.models import Change, HostFile
from hosts.services.drift import count_drift, path_digest


def take_into_care(change: Change, now: datetime) -> None:
    """From now on these files are looked after: drift is a difference from what this change wanted and the host has."""
    kept = []
    for file in change.files.all():
        digest = path_digest(file.path)
        if file.is_absent or file.wanted_content_id is None:
            HostFile.objects.filter(host=change.host, path_digest=digest).delete()
            continue
        kept.append(
            HostFile(
                host=change.host,
                path=file.path,
                path_digest=digest,
                managed_file_id=file.managed_file_id,
                change=change,
                content_id=file.wanted_content_id,
                owner=file.owner,
                group=file.group,
                mode=file.mode,
                is_secret=file.is_secret,
                state=DriftState.IN_PLACE,
                checked_at=now,
            )
        )
    fields = ["managed_file", "change", "content", "owner", "group", "mode", "is_secret", "state", "checked_at"]
    HostFile.objects.bulk_create(
        kept,
        update_conflicts=True,
        unique_fields=["host", "path_digest"],
        update_fields=[*fields, "drifted_at", "drift_words", "live_content"],
    )
    count_drift(change.host)
