"""What a host has now, or would be told, before anything is written: for people to read and to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dhcp.errors import UnreadableConfig
from dhcp.facts.check import Check
from dhcp.models import Errand, Relay, Server
from dhcp.services.checks import checks_of, gravest_first, is_told
from dhcp.services.pushing import propose_server, text_of
from dhcp.services.taking_over import TakenOver, understood
from dhcp.services.told import files_of
from hosts.errors import Explainable
from hosts.facts.proposal import Meaning
from hosts.facts.words import Words, reason
from hosts.models import User


@dataclass(frozen=True, slots=True)
class Preview:
    """The file as it would be sent, what applying it means, or why it cannot be sent. No host was asked."""

    text: str
    means: tuple[Meaning, ...]
    why_not: Words | str


@dataclass(frozen=True, slots=True)
class Before:
    """A configuration that was read on a host: what would become of it, and what is wrong with it."""

    taken: TakenOver | None
    checks: Sequence[Check]
    why_not: Words | str = ""


def preview(server: Server) -> Preview:
    """Of the rows as they are now."""
    try:
        text = text_of(server)
    except Explainable as error:
        return Preview("", (), reason(error))
    try:
        return Preview(text, propose_server(server).means, "")
    except Explainable as error:
        return Preview(text, (), reason(error))


def before_taking_over(errand: Errand) -> Before:
    """What an errand read, judged as if it were the server's own."""
    texts = {path: each.read().decode("utf-8", "surrogateescape") for path, each in files_of(errand).items()}
    main = str(errand.answer.get("config", ""))
    try:
        found = understood(texts.get(main, ""), texts.get, version=errand.server.version, path=main)
    except UnreadableConfig as error:
        return Before(None, (), reason(error))
    return Before(found.taken(), list(gravest_first(checks_of(errand.server, found.facts))))


def relays_of(server: Server, user: User) -> list[Relay]:
    """Those that pass requests on to the server, of what the person may see."""
    rows = Relay.objects.visible_to(user).select_related("host").order_by("host__name")
    return [each for each in rows if is_told(each, server)]
