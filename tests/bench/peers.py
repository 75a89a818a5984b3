"""The peers: a host list and a piece of work go in, the seconds that OpenSSH or Ansible takes come out."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench.work import ACTIVE, PATH, PLAYBOOK, SCRIPT, SECONDS, Work
from tests.lab import LabHost

RUN_SECONDS = 600


class PeerError(Exception):
    """A peer did not do its work, so its time means nothing."""


class OpenSsh:
    """As many OpenSSH clients at once as there are hosts; each feeds one script to `sh` on its host."""

    def __init__(self, hosts: Sequence[LabHost], key: Path, directory: Path, options: Sequence[str] = ()) -> None:
        self._hosts = hosts
        known = directory / "known_hosts"
        known.write_text("".join(f"{host.address} {host.host_key}\n" for host in hosts))
        settings = ("BatchMode=yes", "IdentitiesOnly=yes", "StrictHostKeyChecking=yes", f"UserKnownHostsFile={known}")
        self._argv = ["ssh", "-T", "-F", "none", "-i", str(key)]
        for setting in (*settings, *options):
            self._argv += ["-o", setting]

    def push(self, work: Work, before: Work) -> float:
        script = SCRIPT.format(
            path=PATH,
            active=ACTIVE,
            seconds=SECONDS,
            content=work.content.decode(),
            seen=hashlib.sha256(before.content).hexdigest(),
            wanted=hashlib.sha256(work.content).hexdigest(),
            check=work.check('"$new"'),
            activate=work.activate,
            verify=work.verify,
        ).encode()
        with ThreadPoolExecutor(len(self._hosts)) as threads:
            began = time.perf_counter()
            running = [self._start(host) for host in self._hosts]
            said = list(threads.map(lambda process: process.communicate(script, timeout=RUN_SECONDS), running))
            seconds = time.perf_counter() - began
        for host, process, (_, stderr) in zip(self._hosts, running, said, strict=True):
            if process.returncode:
                raise PeerError(f"ssh to {host.name} ended with {process.returncode}: {stderr.decode()}")
        return seconds

    def _start(self, host: LabHost) -> subprocess.Popen[bytes]:
        argv = [*self._argv, f"root@{host.address}", "sh -s"]
        return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class Ansible:
    """ansible-playbook with as many forks as hosts, pipelining, kept connections and no gathering of facts."""

    def __init__(self, hosts: Sequence[LabHost], key: Path, directory: Path) -> None:
        self._directory = directory
        self._sockets = directory / "cp"
        known = directory / "known_hosts"
        known.write_text("".join(f"{host.address} {host.host_key}\n" for host in hosts))
        settings = f"ansible_user=root ansible_ssh_private_key_file={key} ansible_python_interpreter=/usr/bin/python3"
        self._inventory = directory / "inventory"
        self._inventory.write_text(
            "[all]\n"
            + "".join(f"{host.name} ansible_host={host.address}\n" for host in hosts)
            + "[all:vars]\n"
            + "".join(f"{setting}\n" for setting in settings.split())
        )
        keep = f"-F none -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile={known}"
        config = directory / "ansible.cfg"
        config.write_text("[defaults]\n")
        self._environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(config),
            "ANSIBLE_HOME": str(directory / "home"),
            "ANSIBLE_LOCALHOST_WARNING": "False",
            "ANSIBLE_PIPELINING": "True",
            "ANSIBLE_FORKS": str(len(hosts)),
            "ANSIBLE_SSH_ARGS": f"{keep} -o IdentitiesOnly=yes",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self._sockets),
            "ANSIBLE_NOCOLOR": "1",
            "PYTHONWARNINGS": "ignore",
        }

    def push(self, work: Work, *, cold: bool) -> float:
        if cold:
            self.hang_up()
        source, playbook = self._directory / "file", self._directory / "playbook.yml"
        source.write_bytes(work.content)
        playbook.write_text(
            PLAYBOOK.format(
                source=source, path=PATH, check=work.check("%s"), activate=work.activate, verify=work.verify
            )
        )
        program = str(Path(sys.executable).with_name("ansible-playbook"))
        began = time.perf_counter()
        done = subprocess.run(
            [program, "-i", str(self._inventory), str(playbook)],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )
        seconds = time.perf_counter() - began
        if done.returncode:
            said = done.stdout[-2000:] + done.stderr[-1000:]
            raise PeerError(f"ansible-playbook ended with {done.returncode}: {said}")
        return seconds

    def hang_up(self) -> None:
        """End the connections that it keeps."""
        for path in self._sockets.glob("*") if self._sockets.is_dir() else ():
            subprocess.run(["ssh", "-S", str(path), "-O", "exit", "-"], capture_output=True, check=False)
        shutil.rmtree(self._sockets, ignore_errors=True)
