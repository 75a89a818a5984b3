"""Beat's part: wake what should be read, take samples, forget what is old. Each sweep is cheap and may run twice."""

from __future__ import annotations

from django.utils import timezone

from dhcp.services import exchanges, holdings, readings, usage
from dhcp.tasks.reading import read_relay, read_server
from hosts.tasks.naming import named_task


@named_task("dhcp.sweep_readings")
def sweep_readings() -> None:
    """Read the servers and relays whose turn it is."""
    now = timezone.now()
    for pk in readings.due_servers(now):
        read_server.delay(pk)
    for pk in readings.due_relays(now):
        read_relay.delay(pk)


@named_task("dhcp.sweep_samples")
def sweep_samples() -> None:
    """Count the networks of servers for which a new quarter of an hour began."""
    for pk in usage.due_servers(timezone.now()):
        take_sample.delay(pk)


@named_task("dhcp.take_sample")
def take_sample(server_id: int) -> None:
    """Count one server's networks; open and clear alarms."""
    usage.take_sample(server_id, now=timezone.now())


@named_task("dhcp.forget_old")
def forget_old() -> None:
    """Thin samples out; remove holdings and conversations that are older than they are kept."""
    now = timezone.now()
    usage.thin_samples(now)
    holdings.forget_holdings(now)
    exchanges.forget_exchanges(now)
