"""Addresses and a way into a host in, whether somebody answers at them out. One exec, which changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from dhcp.errors import NoAnswer
from dhcp.facts.answers import PingAnswer
from dhcp.parse.addresses import address
from dhcp.parse.answers import ping_answers
from dhcp.parse.log_news import NothingRead
from dhcp.render.on_host.asking import pings
from hosts.facts.words import gettext_noop, words
from hosts.outside.shell import Shell

MOST = 64
"""Addresses of one exec."""
AT_ONCE = 16
WAIT_SECONDS = 1
_NO_PING = gettext_noop("The host has no ping. Install it there: apt-get install iputils-ping.")
_BROKEN = gettext_noop("The host did not tell which addresses answer. %(said)s")


class Pinger(Protocol):
    """`ping`, or a fake of it."""

    def __call__(self, shell: Shell, addresses: Sequence[str]) -> tuple[PingAnswer, ...]: ...


def ping(shell: Shell, addresses: Sequence[str]) -> tuple[PingAnswer, ...]:
    """In the order of `addresses`, of which the first MOST are asked. Takes some seconds.

    ValueError for what is no address; NoAnswer where the host cannot ask, and the errors of `Shell`.
    """
    asked = list(addresses)[:MOST]
    if any(address(each) is None for each in asked):
        raise ValueError("no address")
    request = pings([str(address(each)) for each in asked], WAIT_SECONDS, AT_ONCE)
    done = shell.run(request.line, stdin=request.stdin)
    try:
        return ping_answers(done.stdout, asked)
    except NothingRead as refused:
        if refused.why == "noping":
            raise NoAnswer(words(_NO_PING)) from refused
        raise NoAnswer(words(_BROKEN, said=done.stderr.decode("utf-8", "replace").strip()[-300:])) from refused
