"""How long one file + check + activate + verify takes on 50 hosts: the panel, OpenSSH clients and ansible-playbook.

`python -m tests.bench.push [--hosts N] [--rounds N] [--write]`; ends with 1 where a bar is missed. Needs what the lab
needs, and says so. All ways run in turn in every round, on the same hosts, each pushing a file that is new to them.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import django

from tests.bench.environment import own_data

DATA = own_data()
django.setup()

from tests.bench.figures import Way  # noqa: E402
from tests.bench.panel import Panel  # noqa: E402  (models exist after setup only)
from tests.bench.peers import Ansible, OpenSsh  # noqa: E402
from tests.bench.push_page import told, write  # noqa: E402
from tests.bench.work import PATH, Work  # noqa: E402
from tests.lab import Lab, LabHost, missing  # noqa: E402
from tests.lab import image as lab_image  # noqa: E402

# The panel needs no Python on a host, and the lab's hosts have none. Ansible does.
lab_image.PACKAGES["Ansible's other half"] = ("python3",)

CURVE = ("KexAlgorithms=curve25519-sha256",)


class Round:
    """Runs the ways in turn. The file that one way left is what the next one finds."""

    def __init__(self, hosts: Sequence[LabHost]) -> None:
        self._hosts = hosts
        self._serial = int(time.time())
        self.now = Work(self._serial)
        for host in hosts:
            host.write(PATH, self.now.content)

    def run(self, way: Way, push: Callable[[Work, Work], float]) -> None:
        """Push the next file by one way, and look on every host whether it is really there."""
        self._serial += 1
        before, self.now = self.now, Work(self._serial)
        way.seconds.append(push(self.now, before))
        wanted = hashlib.sha256(self.now.content).hexdigest()
        for host in self._hosts:
            assert hashlib.sha256(host.read(PATH)).hexdigest() == wanted, f"{way.name} did not change {host.name}"
        print(f"  {way.name}: {way.seconds[-1]:.2f} s", flush=True)


class Race:
    """All ways over all rounds."""

    def __init__(self, lab: Lab, hosts: Sequence[LabHost], panel: Panel, directory: Path) -> None:
        key = lab.key_path
        self._round, self._panel = Round(hosts), panel
        self._plain = OpenSsh(hosts, key, directory)
        self._curve = OpenSsh(hosts, key, directory, CURVE)
        self._ansible = Ansible(hosts, key, directory)
        self.ours = Way("panel, new connections")
        self.warm = Way("panel, connections of the last minute")
        self.plain = Way("OpenSSH clients")
        self.curve = Way("OpenSSH clients, curve25519 only")
        self.cold_ansible = Way("ansible-playbook, new connections")
        self.warm_ansible = Way("ansible-playbook, kept connections")
        self.trips: list[dict[str, int]] = []

    def round(self) -> None:
        self._panel.new_workers()
        self._round.run(self.ours, self._pushed_by_the_panel)
        self._round.run(self.curve, lambda work, before: self._curve.push(work, before))
        self._round.run(self.warm, lambda work, _before: self._panel.push(self._panel.prepare(work)))
        self._round.run(self.plain, lambda work, before: self._plain.push(work, before))
        self._round.run(self.cold_ansible, lambda work, _before: self._ansible.push(work, cold=True))
        self._round.run(self.warm_ansible, lambda work, _before: self._ansible.push(work, cold=False))
        self._ansible.hang_up()

    def _pushed_by_the_panel(self, work: Work, before: Work) -> float:
        del before  # the panel has looked for itself
        planned = self._panel.prepare(work)
        seconds = self._panel.push(planned)
        self.trips += self._panel.round_trips(planned)
        return seconds

    @property
    def ways(self) -> list[Way]:
        return [self.ours, self.warm, self.curve, self.plain, self.cold_ansible, self.warm_ansible]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.push", description=__doc__)
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="write the figures into docs/benchmarks.md")
    asked = parser.parse_args()
    if reason := missing():
        print(f"The push is not measured: {reason}")
        return 0
    with (
        DATA,
        tempfile.TemporaryDirectory(prefix="rackdesk-bench-") as directory,
        Lab(Path(directory) / "lab", prefix="bench", say=print) as lab,
    ):
        hosts = lab.up(asked.hosts)
        print(f"{len(hosts)} hosts are up", flush=True)
        with Panel(hosts, lab.key_path.read_text(), threads=50) as panel:
            race = Race(lab, hosts, panel, Path(directory))
            for number in range(asked.rounds):
                print(f"Round {number + 1} of {asked.rounds}", flush=True)
                race.round()
    lines, held = told(race.ways, race.trips, len(hosts))
    print("\n".join(lines))
    if asked.write:
        write(lines)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
