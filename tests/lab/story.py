"""Running lab hosts in, a panel with something to look at out: told through the services and the workers alone.

Every part looks first whether it happened already, so a second start only mends what has changed, such as addresses.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import Group

from config.celery import app
from hosts.choices import ChangeState, CredentialKind, DriftState, HostKeyState, HostState, Source, Via
from hosts.models import Change, Credential, Host, ManagedFile, Organization, User
from hosts.services import changes, credentials, enrol, fleet, managed
from hosts.services.audit import Actor
from tests.lab.hosts import LabHost

PATIENCE_SECONDS = 60
LOOKS = 4
KEY_NAME = "Key of the lab"
PLANNER = "mina.park@rackdesk.localhost"


@dataclass(frozen=True)
class Machine:
    """One host of the story."""

    name: str
    organization: str
    site: str
    roles: tuple[str, ...]
    tags: tuple[str, ...]
    notes: str
    username: str = "operator"


FLEET = (
    Machine("xen01", "Hanbit Hosting", "Seoul, rack 4", ("xen",), ("production",), "Virtual functions for customers."),
    Machine("xen02", "Hanbit Hosting", "Seoul, rack 5", ("xen",), ("production",), "Spare for xen01."),
    Machine(
        "dhcp1",
        "Hanbit Hosting",
        "Seoul, rack 1",
        ("dhcp_server",),
        ("network",),
        "192.168.0.1 in the Seoul network; is to serve Busan too.",
        "root",
    ),
    Machine(
        "relay1",
        "Hanbit Hosting",
        "Busan, rack 1",
        ("dhcp_relay",),
        ("network",),
        "192.168.0.254 towards Seoul, 192.168.1.254 in Busan.",
    ),
    Machine(
        "guest1", "Blue Harbor Shop", "Busan, rack 1", ("plain",), ("customer",), "Takes its address by DHCP in Busan."
    ),
    Machine("web01", "Blue Harbor Shop", "Seoul, rack 4", ("web",), ("production", "customer"), "The shop itself."),
    Machine("dns01", "Blue Harbor Shop", "Busan, rack 1", ("dns", "plain"), ("customer",), "Name server of the shop."),
)
MOTD = """\
{{ host.name }} ({{ host.site }}), {{ host.organization }}
Looked after by Rackdesk: what you change here by hand is seen, and put right.
"""
WEB = """\
server {
    listen 80 default_server;
    server_name shop.blueharbor.example;
    location = /healthz { return 200 "{{ host.name }} is well\\n"; }
    location / { return 301 https://$host$request_uri; }
}
"""
SSHD = """\
# Nobody logs in to a Xen host with a password.
PasswordAuthentication no
KbdInteractiveAuthentication no
"""


def enough(holds: Callable[[], object], deadline: float = 0) -> bool:
    """Whether it came true in time (`deadline` by the monotonic clock); the workers do the rest while we look."""
    deadline = deadline or time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


class Story:
    """The demo's story: two organizations, seven hosts, one change to approve, two applied, one host drifted."""

    def __init__(self, lab: Mapping[str, LabHost], key: str, say: Callable[[str], None]) -> None:
        self._lab = lab
        self._key = key
        self._say = say
        self.admin = Actor(User.objects.filter(is_superuser=True).earliest("pk"), Via.COMMAND)
        self.planner = self.admin
        self.hosts: dict[str, Host] = {}

    def tell(self) -> None:
        """All of it, or what is still missing of it."""
        self.planner = self._people()
        self.hosts = hosts = {machine.name: self._host(machine) for machine in FLEET}
        self._enrol(hosts)
        if Change.objects.exists():
            self._say("the story of last time is still there")
            return
        motd = self._file("Message of the day", "/etc/motd", MOTD, [*hosts.values()])
        web = self._file(
            "Web site of the shop",
            "/etc/nginx/sites-available/default",
            WEB,
            [hosts["web01"]],
            check_command="nginx -t",
            activate_command="systemctl restart nginx",
            verify_command="systemctl is-active nginx",
        )
        logins = self._file(
            "Logins to Xen hosts",
            "/etc/ssh/sshd_config.d/20-keys-only.conf",
            SSHD,
            [hosts["xen01"]],
            check_command="sshd -t -f {staged}",
            activate_command="systemctl reload ssh",
            verify_command="systemctl is-active ssh",
        )
        applied = [
            self._plan(hosts["web01"], motd, "Who logs in should know whose machine this is."),
            self._plan(hosts["web01"], web, "The shop moves to its own machine.", "Ticket 1038"),
        ]
        waiting = self._plan(hosts["xen01"], logins, "Passwords were guessed at all weekend.", "Ticket 1042")
        for change in applied:
            self._apply(change)
        self._drift(hosts["web01"])
        self._told(applied, waiting)

    def _people(self) -> Actor:
        planner = User.objects.filter(email=PLANNER).first()
        if planner is None:
            planner = User.objects.create_user(
                PLANNER, name="Mina Park", is_staff=True, all_organizations=True, language="ko", time_zone="Asia/Seoul"
            )
            planner.groups.set(Group.objects.filter(name="Operator"))
        return Actor(planner, Via.COMMAND)

    def _credential(self) -> Credential:
        found = Credential.objects.filter(name=KEY_NAME).first()
        return found or credentials.save_credential(
            Credential(name=KEY_NAME, kind=CredentialKind.PRIVATE_KEY), by=self.admin, key_text=self._key
        )

    def _host(self, machine: Machine) -> Host:
        organization = Organization.objects.get_or_create(name=machine.organization)[0]
        host, address = Host.objects.filter(name=machine.name).first(), self._lab[machine.name].address
        if host and host.address == address:
            return host
        host = host or Host(
            name=machine.name,
            username=machine.username,
            use_sudo=machine.username != "root",
            credential=self._credential(),
            organization=organization,
            site=machine.site,
            notes=machine.notes,
            needs_second_person=machine.name == "xen01",
        )
        host.address = address
        return fleet.save_host(host, by=self.admin, roles=machine.roles, tags=machine.tags)

    def _enrol(self, hosts: Mapping[str, Host]) -> None:
        """Fetch host keys, accept those that the lab really gave out, and read the first facts."""
        began, new = time.monotonic(), [host for host in hosts.values() if host.state == HostState.NEW]
        for host in new:
            app.send_task("hosts.enrol_host", [host.pk])
        deadline = began + PATIENCE_SECONDS
        for host in new:
            if not enough(lambda host=host: host.keys.filter(state=HostKeyState.OFFERED).exists(), deadline):
                self._say(f"{host.name} has not shown its key yet; look at its page")
                continue
            if self._shows_its_own_key(host):
                enrol.accept_keys(host, by=self.admin)
                app.send_task("hosts.read_facts", [host.pk])
        for host in new:
            enough(lambda host=host: Host.objects.exclude(kernel="").filter(pk=host.pk).exists(), deadline)
        known = Host.objects.exclude(kernel="").filter(pk__in=[host.pk for host in new]).count()
        if new:
            self._say(f"{known} of {len(new)} new hosts have shown their facts after {time.monotonic() - began:.1f} s")

    def _shows_its_own_key(self, host: Host) -> bool:
        true_key = self._lab[host.name].host_key.split()[1]
        offered = host.keys.filter(state=HostKeyState.OFFERED)
        return [key.public for key in offered] == [true_key]

    def _file(self, name: str, path: str, content: str, hosts: list[Host], **more: object) -> ManagedFile:
        row = ManagedFile(name=name, path=path, **more)
        return managed.save_managed_file(row, by=self.planner, content=content.encode(), hosts=hosts)

    def _plan(self, host: Host, file: ManagedFile, why: str, reference: str = "") -> Change:
        fresh = Host.objects.get(pk=host.pk)
        change = changes.plan_change(
            fresh,
            managed.propose_managed_file(file, fresh),
            by=self.planner,
            source=Source.MANAGED_FILE,
            why=why,
            reference=reference,
            managed=file,
        )
        app.send_task("hosts.compare_change", [change.pk])
        return change

    def _apply(self, change: Change) -> None:
        if not enough(lambda: self._state(change) != ChangeState.PLANNED):
            self._say(f"change {change.pk} ({change.title}) is still to be compared")
            return
        if self._state(change) != ChangeState.COMPARED:
            return
        changes.approve_change(change, by=self.admin)
        changes.queue_change(change, by=self.admin)
        app.send_task("hosts.apply_change", [change.pk])
        enough(lambda: Change.objects.get(pk=change.pk).has_ended)

    def _drift(self, host: Host) -> None:
        self._lab[host.name].write("/etc/motd", b"Welcome! (edited in a hurry)\n")
        drifted = host.files.filter(state=DriftState.DRIFTED)
        for _look in range(LOOKS):
            app.send_task("hosts.look_for_drift", [host.pk])
            if enough(drifted.exists, time.monotonic() + PATIENCE_SECONDS / LOOKS):
                return
        self._say(f"the drift of {host.name} is not seen yet; the next look will find it")

    def _told(self, applied: list[Change], waiting: Change) -> None:
        enough(lambda: self._state(waiting) != ChangeState.PLANNED)
        for change in [*applied, waiting]:
            now = Change.objects.get(pk=change.pk)
            self._say(f"change {now.pk} on {now.host.name}: {now.title}: {now.get_state_display()}")
            if now.outcome_why and now.state != ChangeState.APPLIED:
                self._say(f"  {now.outcome_why}")

    def _state(self, change: Change) -> str:
        return str(Change.objects.values_list("state", flat=True).get(pk=change.pk))
