"""Drifted files in, the change or rollout that puts them back out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from hosts.models import Change, HostFile, Rollout
from hosts.services.audit import Actor
from hosts.services.drift import OVERWRITE, overwrite_proposal
from hosts.services.rollouts import plan_for_hosts


def plan_overwrite(rows: Sequence[HostFile], *, by: Actor, why: str = "") -> Change | Rollout:
    """One change for each host with all of its chosen files; several hosts become a rollout. Rows come with `host`."""
    of_host: dict[int, list[HostFile]] = defaultdict(list)
    for row in rows:
        of_host[row.host_id].append(row)
    hosts = {row.host_id: row.host for row in rows}
    return plan_for_hosts(
        list(hosts.values()), lambda host: overwrite_proposal(of_host[host.pk]), by=by, source=OVERWRITE, why=why
    )
