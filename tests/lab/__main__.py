"""`python -m tests.lab …`: a command line in, a lab that is up, down, broken or healed out."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.lab import machine
from tests.lab.errors import LabError
from tests.lab.faults import KINDS
from tests.lab.hosts import ssh_argv
from tests.lab.lab import Lab


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(prog="python -m tests.lab", description="Whole Debian hosts in a second each.")
    top.add_argument("--prefix", default="lab", help="which lab: up to eight letters and digits (default: lab)")
    top.add_argument("--root", type=Path, help="where the lab keeps its disks (default: by prefix)")
    top.add_argument("--network", help="a private /24 for the hosts (default: a free one)")
    verbs = top.add_subparsers(dest="verb", required=True)
    up = verbs.add_parser("up", help="start N hosts, or hosts of these names")
    up.add_argument("wanted", nargs="+", metavar="N|NAME")
    verbs.add_parser("down", help="stop every host; their disks stay")
    verbs.add_parser("status", help="which hosts there are, and which answer")
    verbs.add_parser("image", help="build the image, or say where it is")
    verbs.add_parser("needs", help="the Debian packages that the lab wants on this machine")
    ssh = verbs.add_parser("ssh", help="log in to a host (--user root, operator or clerk)")
    ssh.add_argument("--user", default="root")
    ssh.add_argument("name")
    ssh.add_argument("command", nargs=argparse.REMAINDER)
    fault = verbs.add_parser("fault", help=f"break a host: {', '.join(KINDS)}")
    fault.add_argument("name")
    fault.add_argument("kind", choices=KINDS)
    fault.add_argument("options", nargs="*", metavar="OPTION=VALUE")
    for verb, what in (("heal", "undo every fault of a host"), ("reset", "make a host new"), ("on", "switch it on")):
        verbs.add_parser(verb, help=what).add_argument("name")
    return top


def main(argv: list[str]) -> int:
    """Do what the command line says; returns the exit status."""
    given = parser().parse_args(argv)
    root = given.root or Path(os.environ.get("RACKDESK_LAB_ROOT", "/var/lib/rackdesk/lab")) / given.prefix
    lab = Lab(root, prefix=given.prefix, network=given.network, say=lambda line: print(line, file=sys.stderr))
    try:
        return _do(lab, given)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1


def _do(lab: Lab, given: argparse.Namespace) -> int:
    match given.verb:
        case "needs":
            print(" ".join(machine.PACKAGES))
        case "image":
            print(lab.image)
        case "up":
            _up(lab, given.wanted)
        case "down":
            lab.down()
        case "status":
            _status(lab)
        case "ssh":
            login = ssh_argv(lab.host(given.name), lab.key_path, given.user)
            return subprocess.run([*login, *given.command], check=False).returncode
        case _:
            _to_one_host(lab, given)
    return 0


def _up(lab: Lab, wanted: list[str]) -> None:
    began = time.monotonic()
    hosts = lab.up(int(wanted[0]) if len(wanted) == 1 and wanted[0].isdigit() else wanted)
    print(f"{len(hosts)} hosts answer after {time.monotonic() - began:.1f} s; log in with {lab.key_path}")
    _status(lab)


def _status(lab: Lab) -> None:
    for host in lab.hosts():
        state = "off" if not host.is_on else "answers" if host.answers() else "on, but sshd does not answer"
        print(f"{host.name:20} {host.address:15} {state}")


def _to_one_host(lab: Lab, given: argparse.Namespace) -> None:
    host = lab.host(given.name)
    match given.verb:
        case "fault":
            host.fault(
                given.kind, **{name: _value(text) for name, _, text in (o.partition("=") for o in given.options)}
            )
        case "heal":
            host.heal()
        case "reset":
            host.reset()
        case "on":
            host.power_on()


def _value(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
