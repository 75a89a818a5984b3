"""Errands: claim one, go to the server's host, one service call to record. A sweep wakes what was missed."""

from __future__ import annotations

from typing import Any

from dhcp.choices import ErrandKind
from dhcp.models import Errand
from dhcp.outside.ping import ping
from dhcp.outside.release import release
from dhcp.services import errands
from hosts.errors import Explainable, HostUnreachable
from hosts.facts.change import SeenFile
from hosts.facts.words import reason
from hosts.outside import compare
from hosts.outside.shell import Shell
from hosts.tasks.look import loaded, note_no_way
from hosts.tasks.naming import named_task
from hosts.tasks.ways import pool

DEEPEST = 5
"""Files that include files that include files: so many times the host is asked for more."""


@named_task("dhcp.run_errand")
def run_errand(errand_id: int) -> None:
    """Do what a person asked for, and say what came of it or why not."""
    errand = errands.claim_errand(errand_id)
    host = loaded(errand.server.host_id) if errand else None
    if errand is None or host is None:
        return
    try:
        with pool.open(host.facts()) as shell:
            _do(errand, shell)
    except Explainable as error:
        if isinstance(error, HostUnreachable):
            note_no_way(host, error)
        errands.record_failure(errand, why=reason(error))


@named_task("dhcp.sweep_errands")
def sweep_errands() -> None:
    """Wake what waits although its message was sent, and what a worker left lying."""
    for errand_id in errands.lost_errands():
        run_errand.delay(errand_id)


def _do(errand: Errand, shell: Shell) -> None:
    asked = errand.asked
    if errand.kind == ErrandKind.READ_CONFIG:
        errands.record_config(errand, _config_files(errand, shell))
    elif errand.kind == ErrandKind.PING:
        errands.record_heard(errand, ping(shell, asked["addresses"]))
    else:
        way = errands.way_of(errand.server)
        errands.record_release(errand, release(shell, way, asked["address"], _client(asked)))


def _client(asked: dict[str, Any]) -> str:
    """Whose lease it is: of DHCPv6 the DUID, where it shows no MAC."""
    found = asked.get("mac") or (asked.get("client_id") if ":" in asked["address"] else "")
    return str(found or "")


def _config_files(errand: Errand, shell: Shell) -> dict[str, SeenFile]:
    """The configuration with all files that it includes, also those that only an included file names."""
    seen: dict[str, SeenFile] = {}
    wanted = errands.wanted_paths(errand)
    for _ in range(DEEPEST):
        for file in compare.live_files(shell, wanted).files:
            seen[file.path] = file
        wanted = errands.missing_paths(errand, seen)
        if not wanted:
            break
    return seen
