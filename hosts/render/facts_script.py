"""The fixed script that prints the facts of a host: nothing in, a command line and its stdin out."""

from __future__ import annotations

from functools import cache
from pathlib import Path

COMMAND = "sh -s"
"""What is executed on the host; the script itself goes to its stdin, so that nothing lies on the host."""


@cache
def facts_script() -> bytes:
    """The script, the same for every host. Its output is read by `hosts.parse.report.host_report`."""
    return Path(__file__).with_name("facts_script.sh").read_bytes()
