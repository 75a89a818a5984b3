"""A way into a host goes in, what the host says of itself comes out. One exec."""

from __future__ import annotations

from hosts.errors import UnreadableFacts
from hosts.facts.report import HostReport
from hosts.facts.words import gettext_noop, words
from hosts.outside.shell import Shell
from hosts.parse.report import host_report
from hosts.render import facts_script

SCRIPT_SECONDS = 90
MOST_OUTPUT = 8 * 1024 * 1024


def read_report(shell: Shell) -> HostReport:
    """The facts of the host. UnreadableFacts where it printed nothing that can be read."""
    finished = shell.run(
        facts_script.COMMAND,
        stdin=facts_script.facts_script(),
        timeout_seconds=SCRIPT_SECONDS,
        output_limit=MOST_OUTPUT,
    )
    if not finished.stdout:
        said = finished.stderr.decode("utf-8", "replace").strip()[:300]
        raise UnreadableFacts(
            words(
                gettext_noop("The facts script ended with code %(code)s and printed nothing. %(said)s"),
                code=finished.exit_code,
                said=said,
            )
        )
    return host_report(finished.stdout)
