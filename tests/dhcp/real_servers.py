"""The real dhcpd and Kea, asked whether they accept a configuration; loopback and files of the test only."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

SBIN = "/usr/sbin:/sbin:/usr/bin:/bin"
DHCPD, KEA4, KEA6 = (shutil.which(name, path=SBIN) for name in ("dhcpd", "kea-dhcp4", "kea-dhcp6"))
needs_dhcpd = pytest.mark.skipif(not DHCPD, reason="dhcpd is missing (Debian package isc-dhcp-server)")
needs_kea = pytest.mark.skipif(
    not (KEA4 and KEA6), reason="Kea is missing (Debian packages kea-dhcp4-server and kea-dhcp6-server)"
)


def dhcpd_says(text: str, folder: Path, version: int = 4) -> str:
    """What `dhcpd -t` complains of; "" where it accepts the text."""
    (folder / "dhcpd.conf").write_bytes(text.encode("utf-8", "surrogateescape"))
    (folder / "leases").touch()
    argv = [DHCPD, "-t", f"-{version}", "-cf", folder / "dhcpd.conf", "-lf", folder / "leases"]
    done = subprocess.run(argv, capture_output=True, check=False, timeout=30)
    return done.stderr.decode(errors="replace") if done.returncode else ""


def kea_says(text: str, folder: Path, version: int = 4) -> str:
    """What `kea-dhcp4 -t` complains of. It looks for the interfaces, which this machine need not have."""
    here = re.sub(r'"interface": "[^"]*"', '"interface": "lo"', text)
    here = re.sub(r'"interfaces": \[[^]]*\]', '"interfaces": []', here)
    (folder / "kea.json").write_text(here)
    env = {**os.environ, "KEA_PIDFILE_DIR": str(folder), "KEA_LOCKFILE_DIR": str(folder)}
    argv = [KEA4 if version == 4 else KEA6, "-t", folder / "kea.json"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30, env=env)
    return done.stdout + done.stderr if done.returncode else ""
