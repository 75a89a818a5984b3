"""Look at a host: its keys, its facts, its files. Nothing on the host is changed."""

from __future__ import annotations

from datetime import UTC, datetime

from hosts.choices import HostState
from hosts.errors import Explainable, HostKeyChanged, HostUnreachable
from hosts.facts.words import reason
from hosts.models import Host
from hosts.outside import compare, enrol
from hosts.outside.facts import read_report
from hosts.services import drift as drift_service
from hosts.services import enrol as enrol_service
from hosts.services import facts as facts_service
from hosts.services import fleet
from hosts.tasks.naming import named_task
from hosts.tasks.ways import pool


def note_no_way(host: Host, error: Explainable) -> None:
    """Write on the host why there is no way in; a changed key loudest of all."""
    if isinstance(error, HostKeyChanged):
        enrol_service.record_changed_key(host, key_type=error.key_type, public=error.public, why=reason(error))
    else:
        fleet.note_unreachable(host, why=reason(error))


def loaded(host_id: int) -> Host | None:
    """The host with what is needed to speak to it."""
    return (
        Host.objects.select_related("credential", "jump_host__credential", "organization")
        .prefetch_related("keys", "jump_host__keys")
        .filter(pk=host_id)
        .first()
    )


@named_task("hosts.enrol_host")
def enrol_host(host_id: int) -> None:
    """Fetch the keys that a host shows, for a person to accept."""
    host = loaded(host_id)
    if host is None:
        return
    try:
        jump = host.jump_host.facts() if host.jump_host else None
        keys = enrol.host_keys(host.address, host.port, jump, pool=pool)
    except Explainable as error:
        fleet.note_unreachable(host, why=reason(error))
        return
    enrol_service.record_offered_keys(host, keys)


@named_task("hosts.read_facts")
def read_facts(host_id: int) -> None:
    """Read a host's facts and keep them."""
    host = loaded(host_id)
    if host is None or host.state in (HostState.NEW, HostState.KEY_OFFERED, HostState.KEY_CHANGED):
        return
    try:
        with pool.open(host.facts()) as shell:
            report = read_report(shell)
    except Explainable as error:
        note_no_way(host, error)
        facts_service.put_off_facts(host)
        return
    facts_service.record_facts(host, report, taken_at=datetime.now(UTC))


@named_task("hosts.look_for_drift")
def look_for_drift(host_id: int) -> None:
    """Compare the files under management with what lies on the host."""
    host = loaded(host_id)
    if host is None or not host.files.exists():
        return
    paths = list(host.files.values_list("path", flat=True))
    looked_at = datetime.now(UTC)
    try:
        with pool.open(host.facts()) as shell:
            compared = compare.live_files(shell, paths)
    except HostUnreachable as error:
        note_no_way(host, error)
        return
    drift_service.record_drift(host, compared.files, looked_at=looked_at)
