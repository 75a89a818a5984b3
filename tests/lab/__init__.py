"""The lab: whole Debian 12 hosts with systemd, an address each, in a second each. README.md beside this tells more."""

from __future__ import annotations

from tests.lab.errors import LabError
from tests.lab.hosts import Answer, LabHost
from tests.lab.lab import Lab
from tests.lab.machine import missing

__all__ = ["Answer", "Lab", "LabError", "LabHost", "missing"]
