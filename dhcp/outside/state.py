"""A way into a host in, what serves and relays DHCP there out. One exec, which only reads."""

from __future__ import annotations

from typing import Protocol

from dhcp.errors import UnreadableState
from dhcp.facts.state import ServerState
from dhcp.parse.server_state import server_state
from dhcp.render.on_host.asking import server_state as state_program
from hosts.errors import UnreadableFacts
from hosts.facts.words import gettext_noop, words
from hosts.outside.shell import MEBIBYTE, Shell

SECONDS = 90
_BROKEN = gettext_noop("The host did not tell what runs DHCP there. %(said)s")


class StateReader(Protocol):
    """`read_state`, or a fake of it."""

    def __call__(self, shell: Shell) -> ServerState: ...


def read_state(shell: Shell) -> ServerState:
    """UnreadableState where the host printed nothing that can be read, and the errors of `Shell`."""
    request = state_program()
    done = shell.run(request.line, stdin=request.stdin, timeout_seconds=SECONDS, output_limit=8 * MEBIBYTE)
    try:
        return server_state(done.stdout)
    except UnreadableFacts as error:
        raise UnreadableState(words(_BROKEN, said=done.stderr.decode("utf-8", "replace").strip()[-300:])) from error
