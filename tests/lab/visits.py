"""What somebody sees of a lab host from outside: its answers over SSH, its key, the machine's interfaces."""

from __future__ import annotations

import base64
import socket
import subprocess

import paramiko

from tests.lab.hosts import LabHost, ssh_argv
from tests.lab.lab import Lab


def over_ssh(lab: Lab, host: LabHost, command: str, user: str = "root", seconds: float = 120) -> str:
    """What `command` says over a new SSH connection; "" where there is no answer within `seconds`."""
    argv = ssh_argv(host, lab.key_path, user)
    argv[1:1] = ["-o", f"ConnectTimeout={seconds:.0f}", "-o", "ConnectionAttempts=1", "-o", "BatchMode=yes"]
    try:
        done = subprocess.run([*argv, command], capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return ""
    return (done.stdout + done.stderr).decode() if done.returncode != 255 else ""


def connect_with_password(host: LabHost, password: str) -> None:
    """Log in as the clerk and leave again; raises what paramiko raises."""
    with paramiko.SSHClient() as client:
        client.get_host_keys().add(host.address, "ssh-ed25519", key_of(host))
        client.connect(
            host.address, username="clerk", password=password, allow_agent=False, look_for_keys=False, timeout=60
        )


def key_of(host: LabHost) -> paramiko.PKey:
    """The host's public key."""
    return paramiko.Ed25519Key(data=base64.b64decode(host.host_key.split()[1]))


def interfaces() -> set[str]:
    """Names of the machine's interfaces."""
    return {name for _index, name in socket.if_nameindex()}
