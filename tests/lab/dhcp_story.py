"""Two networks, a relay and machines that ask in, DHCP in the panel with something to look at and to press out.

The seed's scenario: Busan (192.168.1.0/24) gets its addresses from the server in Seoul through a relay. The first change
is planned by one person and applied by another; a second edit waits for review. Nothing is told twice: where there is a
DHCP server in the panel, a second start leaves everything as people left it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from config.celery import app
from dhcp.models import Lease, Relay, Reservation, Server, Subnet, UsageSample
from dhcp.services import editing
from dhcp.services.editing import RangeSaid
from dhcp.services.pushing import plan_site
from hosts.choices import ChangeState, RolloutState, Source
from hosts.models import Change, Host, Organization, Rollout
from hosts.services import changes, presets, rollouts
from hosts.services.audit import Actor
from tests.lab.dhcp_neighbours import ask_for
from tests.lab.dhcp_site import GUEST_MAC, DhcpSite
from tests.lab.errors import LabError

PATIENCE_SECONDS = 60
DAYS = 14
ASK_SECONDS = 240
"""Machines ask again before their leases of ten minutes are over."""
LEASE_SECONDS, LONGEST_SECONDS = 600, 7200
MADE_UP = "In this demo the usage before %s is made up, so that the chart has a past; from then on it is counted."
BUSAN = [(f"00:16:3e:10:01:{number:02x}", name) for number, name in enumerate(
    ("till01", "till02", "till03", "camera-door", "camera-yard", "printer-front"), 1
)]  # fmt: skip
SEOUL = [(f"00:16:3e:10:00:{number:02x}", name) for number, name in enumerate(
    ("desk-mina", "desk-joon", "phone-lobby"), 1
)]  # fmt: skip


@dataclass
class DhcpStory:
    """`planner` edits and plans, `admin` approves and applies; `say` is the terminal."""

    site: DhcpSite
    admin: Actor
    planner: Actor
    say: Callable[[str], None]
    asked_at: float = 0.0

    def tell(self, hosts: Mapping[str, Host]) -> None:
        """All of it, or nothing where it was told before."""
        if Server.objects.exists():
            self._goes_on()
            return
        began = time.monotonic()
        server = self._server(hosts["dhcp1"])
        busan = self._networks(server)
        relay = Relay(
            host=hosts["relay1"],
            servers=["192.168.0.1"],
            options=["-iu", "eth1", "-id", "eth2"],  # as plain interfaces it would pass on what the server hears itself
            giaddr=["192.168.1.254/24"],
            uplinks=["192.168.0.254/24"],
        )
        editing.save_relay(relay, by=self.planner)
        app.send_task("dhcp.read_server", [server.pk])
        if not self._applied(server, relay):
            return
        self._follows(hosts["guest1"])
        _enough(lambda: GUEST_MAC in self.site.leases(), seconds=15)  # the first address is its, as in the seed
        self.neighbours_ask()
        self._is_read(server)
        app.send_task("dhcp.read_relay", [relay.pk])
        self._past(server)
        self._waiting_edit(server, busan)
        count = Lease.objects.filter(server=server, state="active").count()
        self.say(f"DHCP serves two networks, {count} machines have addresses after {time.monotonic() - began:.1f} s")
        self.say("an edit of dhcp1 waits for review: guest1 is to be webserver01 at 192.168.1.151")

    def neighbours_ask(self) -> None:
        """The machines of both networks get or keep their addresses; called every few seconds, they ask when it is time."""
        if self.asked_at and time.monotonic() - self.asked_at < ASK_SECONDS:
            return
        self.asked_at = time.monotonic()
        try:
            ask_for(self.site.client, "eth1", BUSAN)
            ask_for(self.site.relay, "eth1", SEOUL)
        except LabError as error:
            self.say(f"not all machines could ask for an address: {error}")

    def _goes_on(self) -> None:
        """The hosts were off, and came up before their networks did: what they were told once serves again."""
        for host, unit in ((self.site.server, "isc-dhcp-server"), (self.site.relay, "isc-dhcp-relay")):
            host.run(["systemctl", "restart", unit])
        # Beat was earlier than the hosts, and what does not answer is left alone for some minutes.
        for task, kind in (("dhcp.read_server", Server), ("dhcp.read_relay", Relay)):
            for pk in kind.objects.values_list("pk", flat=True):
                app.send_task(task, [pk])
        self.say("DHCP is as it was left last time")

    def _server(self, host: Host) -> Server:
        server = Server(host=host, interfaces=["eth1"])
        editing.save_server(server, by=self.planner)
        server.default_lease_seconds, server.max_lease_seconds = LEASE_SECONDS, LONGEST_SECONDS
        server.parameters = [["authoritative", ""]]
        server.options = [_option("domain-name-servers", "192.168.0.2", "192.168.0.3")]
        editing.save_server(server, by=self.planner)
        return server

    def _networks(self, server: Server) -> Subnet:
        note = MADE_UP % timezone.now().strftime("%Y-%m-%d %H:%M UTC")
        seoul = Subnet(server=server, network="192.168.0.0/24", name="Seoul", note=note)
        seoul.options = [_option("routers", "192.168.0.254")]
        editing.save_subnet(seoul, by=self.planner, ranges=[RangeSaid("192.168.0.10", "192.168.0.20")])
        busan = Subnet(server=server, network="192.168.1.0/24", name="Busan", note=note)
        busan.options = [_option("routers", "192.168.1.254")]
        editing.save_subnet(busan, by=self.planner, ranges=[RangeSaid("192.168.1.10", "192.168.1.20")])
        printer = Reservation(server=server, name="printer-lobby", mac="00:16:3e:10:00:50", hostname="printer-lobby")
        editing.save_reservation(printer, by=self.planner, addresses=["192.168.0.150"])
        return busan

    def _applied(self, server: Server, relay: Relay) -> bool:
        """Planned by one person, approved and started by another, carried out by the workers."""
        why = "Busan gets its addresses from Seoul, through the relay."
        made = plan_site([server], [relay], by=self.planner, why=why, reference="Ticket 1051")
        assert isinstance(made, Rollout)
        mine = made.changes
        for pk in mine.values_list("pk", flat=True):
            app.send_task("hosts.compare_change", [pk])
        if not _enough(lambda: not mine.filter(state=ChangeState.PLANNED).exists()):
            self.say("DHCP's first change is still to be compared; look at its rollout")
            return False
        rollouts.approve_rollout(made, by=self.admin)
        rollouts.start_rollout(made, by=self.admin)
        app.send_task("hosts.step_rollout", [made.pk])
        done = _enough(lambda: Rollout.objects.get(pk=made.pk).state in (RolloutState.DONE, RolloutState.STOPPED))
        for change in mine.order_by("position"):
            self.say(f"change {change.pk} on {change.host.name}: {change.title}: {change.get_state_display()}")
        return done and not mine.exclude(state=ChangeState.APPLIED).exists()

    def _follows(self, guest: Host) -> None:
        """guest1 calls itself what its lease says."""
        change = changes.plan_change(
            guest,
            presets.propose_preset("host_name_from_dhcp", {"program": "dhclient"}, guest),
            by=self.planner,
            source=Source.PRESET,
            why="Its name is kept in one place: the reservation.",
        )
        app.send_task("hosts.compare_change", [change.pk])
        if _enough(lambda: _state(change.pk) == ChangeState.COMPARED):
            changes.queue_change(changes.approve_change(change, by=self.admin), by=self.admin)
            app.send_task("hosts.apply_change", [change.pk])
            _enough(lambda: _state(change.pk) not in (ChangeState.QUEUED, ChangeState.APPLYING))

    def _is_read(self, server: Server) -> None:
        """Until the panel has seen the leases of all machines, and counted them."""
        leases, wanted = Lease.objects.filter(server=server, state="active"), len(BUSAN) + len(SEOUL) + 1
        for _look in range(6):
            app.send_task("dhcp.read_server", [server.pk])
            if _enough(lambda: leases.count() >= wanted, seconds=8):
                break
        app.send_task("dhcp.take_sample", [server.pk])

    def _past(self, server: Server) -> None:
        """Two weeks of made-up samples for the chart, as the note of each network says."""
        _enough(lambda: server.samples.exists(), seconds=15)
        now = timezone.now().replace(minute=0, second=0, microsecond=0)
        rows = []
        for subnet in server.subnets.all():
            pool = subnet.pools.get()
            for hours in range(1, DAYS * 24):
                at = now - timedelta(hours=hours)
                used = _made_up(hours, at.hour, at.weekday() > 4, 8 if subnet.name == "Busan" else 4)
                counts: dict[str, Any] = {"defined": 11, "active": used, "held": used, "touched": max(used, 9)}
                rows += [
                    UsageSample(server=server, at=at, **target, **counts)
                    for target in ({"subnet": subnet}, {"pool": pool})
                ]
        UsageSample.objects.bulk_create(rows, batch_size=500)

    def _waiting_edit(self, server: Server, busan: Subnet) -> None:
        """What a visitor finds to review."""
        shop = Organization.objects.filter(name="Blue Harbor Shop").first()
        web = Reservation(server=server, name="webserver01", mac=GUEST_MAC, hostname="webserver01", organization=shop)
        web.note = "The shop's web server: its customers know this address."
        editing.save_reservation(web, by=self.planner, addresses=["192.168.1.151"])
        busan.refresh_from_db()
        busan.options = [*busan.options, _option("ntp-servers", "192.168.0.2")]
        editing.save_subnet(busan, by=self.planner)


def _option(name: str, *values: str) -> dict[str, Any]:
    return {"name": name, "values": list(values), "expression": ""}


def _made_up(hours_ago: int, hour: int, is_weekend: bool, most: int) -> int:
    """More by day than by night, fewer at the weekend, and a little more every week."""
    day = 0.5 + 0.5 * math.sin((hour - 4) / 24 * 2 * math.pi)
    growth = 1 - 0.3 * hours_ago / (DAYS * 24)
    return max(1, min(11, round(most * growth * (0.55 + 0.45 * day) * (0.7 if is_weekend else 1))))


def _state(pk: int) -> str:
    return str(Change.objects.values_list("state", flat=True).get(pk=pk))


def _enough(holds: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True
