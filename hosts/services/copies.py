"""A managed file in, what is known of its copy on each of its hosts out. Reads only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from hosts.choices import DriftState
from hosts.errors import RenderError
from hosts.facts.words import Words, reason
from hosts.models import Host, HostFile, ManagedFile, Override, User
from hosts.rules import variables
from hosts.services.drift import path_digest
from hosts.services.managed import values_of


@dataclass(frozen=True, slots=True)
class Copy:
    """The file on one host: `kept` is None where the panel never put it there, `own` where the host has no own version.

    `is_behind` says that the text for this host is another one than what was put there; `problem` that there is none.
    """

    host: Host
    kept: HostFile | None
    own: Override | None
    is_behind: bool
    problem: Words | None = None

    @property
    def is_drifted(self) -> bool:
        """Whether somebody changed or removed it on the host."""
        return self.kept is not None and self.kept.state in (DriftState.DRIFTED, DriftState.MISSING)


def copies_of(managed: ManagedFile, user: User, *, most: int) -> list[Copy]:
    """The copies on the first `most` of its hosts that the person may see, by name."""
    targets = managed.targets().visible_to(user).select_related("organization").order_by("name")[:most]
    hosts = list(targets)
    rows = HostFile.objects.filter(host__in=hosts, path_digest=path_digest(managed.path)).select_related("change")
    kept = {row.host_id: row for row in rows}
    own = {row.host_id: row for row in managed.overrides.filter(host__in=hosts).select_related("made_by")}
    body = managed.body.read()
    return [_copy(managed, body, host, kept.get(host.pk), own.get(host.pk)) for host in hosts]


def _copy(managed: ManagedFile, body: bytes, host: Host, kept: HostFile | None, own: Override | None) -> Copy:
    if own is not None:
        return Copy(host, kept, own, is_behind=kept is None or kept.content_id != own.content_id)
    try:
        digest = hashlib.sha256(variables.filled(body, values_of(host, managed))).hexdigest()
    except RenderError as error:
        return Copy(host, kept, None, is_behind=True, problem=reason(error))
    return Copy(host, kept, None, is_behind=kept is None or kept.content_id != digest)
