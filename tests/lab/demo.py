"""`python -m tests.lab.demo --ready FILE`: a running panel in, its lab with a story to look at out, until SIGTERM.

Where the machine cannot run a lab it says so and ends with 0: the panel is worth looking at without it.
"""

from __future__ import annotations

import argparse
import hashlib
import signal
import sys
import time
from pathlib import Path
from types import FrameType

import django
from django.conf import settings

django.setup()

from tests.lab.dhcp_site import DhcpSite, dhcp_site  # noqa: E402  (models, which the story needs, come after setup only)
from tests.lab.dhcp_story import DhcpStory  # noqa: E402
from tests.lab.errors import LabError  # noqa: E402
from tests.lab.lab import Lab  # noqa: E402
from tests.lab.machine import missing  # noqa: E402
from tests.lab.story import FLEET, Story  # noqa: E402

MEND_SECONDS = 5


def say(line: str) -> None:
    """One line for the terminal."""
    print(line, flush=True)


def run(ready: Path) -> None:
    """Bring the hosts up, tell the story once, and keep the hosts until this process is asked to end."""
    root = settings.VAR_DIR / "lab"
    prefix = "d" + hashlib.sha256(str(root).encode()).hexdigest()[:6]  # two checkouts, two labs
    with Lab(root, prefix=prefix, say=say) as lab:
        began = time.monotonic()
        hosts = {host.name: host for host in lab.up([machine.name for machine in FLEET])}
        say(f"{len(hosts)} hosts answer over SSH after {time.monotonic() - began:.1f} s")
        with dhcp_site(lab, fresh=False) as site:
            site.keep_asking()
            story = Story(hosts, lab.key_path.read_text(), say)
            story.tell()
            dhcp = DhcpStory(site, story.admin, story.planner, say)
            dhcp.tell(story.hosts)
            ready.touch()
            while True:
                time.sleep(MEND_SECONDS)
                mend(site, dhcp)


def mend(site: DhcpSite, dhcp: DhcpStory) -> None:
    """Put hosts back on the DHCP networks that somebody switched off and on again, or made new; keep leases alive."""
    try:
        site.mend()
        dhcp.neighbours_ask()
    except LabError as error:
        say(f"the DHCP networks are not whole, and are looked at again: {error}")


def leave(number: int, frame: FrameType | None) -> None:
    """End in good order: the `with` above takes the lab down, and a second signal does not disturb it."""
    del number, frame
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(0)


def main() -> int:
    """Exit status 0 also where there is no lab: nothing is to be started again."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.demo")
    parser.add_argument("--ready", type=Path, required=True, help="this file appears when the story is told")
    ready = parser.parse_args().ready
    signal.signal(signal.SIGTERM, leave)
    reason = missing()
    try:
        if not reason:
            run(ready)
    except LabError as error:
        reason = str(error)
    say(f"No lab: {reason} The panel runs without it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
