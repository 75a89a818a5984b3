"""A lab host with a service in its old state, and what a test of faults does and sees there."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace

from hosts.facts.change import Bundle, Order, Outcome, WantedFile
from hosts.facts.machine import HostFacts
from hosts.outside import compare, transaction
from tests.hosts.changes import NEW, OLD, Watch, sh
from tests.hosts.faults.ways import way
from tests.lab.hosts import LabHost
from tests.lab.lab import Lab

CONF = "/etc/service.conf"
# A stand-in for a service: it holds whatever its file held when it was last activated.
ACTIVATE = sh("cp /etc/service.conf /run/service", seconds=60)
VERIFY = sh("cmp /etc/service.conf /run/service", seconds=60)


@dataclass
class Scene:
    """A host with a service in its old state, and the change that the test tries on it."""

    lab: Lab
    host: LabHost
    known: HostFacts
    watch: Watch = field(default_factory=Watch)

    def order(self, bundle: Bundle) -> Order:
        with way(self.known) as shell:
            seen = compare.live_files(shell, [wanted.path for wanted in bundle.files]).files
        return Order(str(uuid.uuid4()), bundle, seen)

    def run(self, order: Order) -> Outcome:
        with way(self.known) as shell:
            return transaction.run(shell, order, self.watch)

    def find(self, order: Order) -> Outcome | None:
        with way(self.known) as shell:
            return transaction.find(shell, order, Watch())

    def apply(self, bundle: Bundle) -> Outcome:
        return self.run(self.order(bundle))

    def is_old(self) -> bool:
        return self.host.read(CONF) == self.host.read("/run/service") == OLD and self.crumbs() == ""

    def is_new(self) -> bool:
        return self.host.read(CONF) == self.host.read("/run/service") == NEW and self.crumbs() == ""

    def crumbs(self) -> str:
        return self.host.check(["find", "/etc", "-name", ".rackdesk*"]).decode()


def service(**more: object) -> Bundle:
    return replace(Bundle((WantedFile(CONF, NEW),), activate=(ACTIVATE,), verify=(VERIFY,)), **more)
