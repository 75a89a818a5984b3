"""What is wrong with servers and with what lies between them: looked for in rows, kept as Problem rows by source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Case, When
from django.utils import timezone

from dhcp.choices import ServerKind
from dhcp.facts import server as said
from dhcp.facts.check import Check, Picture, Place, ServerOnHost
from dhcp.models import Peer, Problem, Relay, Server, server_facts
from dhcp.models.traffic import ProblemQuerySet
from dhcp.parse.kea_hooks import lease_hooks
from dhcp.rules.addresses import address_of
from dhcp.rules.advice import check, mend
from dhcp.rules.failover import failover
from dhcp.rules.picture import picture
from dhcp.rules.preferred import preferred
from dhcp.rules.preflight import preflight
from dhcp.services.listening import listening_of
from hosts.choices import Severity
from hosts.facts.words import gettext_noop, words
from hosts.models import User

HOOK, NO_COMMANDS = "libdhcp_lease_cmds.so", "dhcp.kea.no-lease-commands"
LOAD = gettext_noop("Load %(path)s")
PREFLIGHT, PICTURE, LOG = "preflight", "picture", "log"
_TOUCHED = (
    "severity",
    "title",
    "why",
    "what_to_do",
    "place_kind",
    "place_field",
    "mend_words",
    "mend_value",
    "seen_at",
)
RANKS = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def checks_of(server: Server, facts: said.Server | None = None) -> list[Check]:
    """What one server's own declarations show; `facts` where they are at hand (secrets are not needed)."""
    facts = facts or server_facts(server, keys=False)
    own = [each for each in failover([on_host(server, facts)]) if each.finding.id != "dhcp.failover.alone"]
    six = preferred(facts) if server.kind == ServerKind.KEA and server.version == 6 else ()
    return [*preflight(facts, listening_of(server, facts)), *own, *six, *_commands(server)]


def _commands(server: Server) -> Iterator[Check]:
    """Whether Kea is told to load its commands for leases. Where the hook lies is known once the host was looked at."""
    if server.kind != ServerKind.KEA or lease_hooks(server.kea, HOOK):
        return
    path = server.lease_hook
    yield check(
        NO_COMMANDS, Place("server", "", "kea"), path or HOOK, mend(words(LOAD, path=path), path) if path else None
    )


def picture_of(servers: Iterable[Server], relays: Iterable[Relay]) -> list[Check]:
    """What only shows where servers and relays are looked at together."""
    there = tuple(on_host(each, server_facts(each, keys=False)) for each in servers)
    return picture(Picture(there, tuple(each.facts() for each in relays)))


def on_host(server: Server, facts: said.Server) -> ServerOnHost:
    """A server where it runs."""
    return ServerOnHost(server.host.name, facts, tuple(server.addresses), tuple(server.routes))


@transaction.atomic
def record_checks(at: Server | Relay, source: str, checks: Iterable[Check], *, now: datetime | None = None) -> None:
    """Keep what `source` found: new ones are written, known ones touched, and what is not there any more is gone."""
    now = now or timezone.now()
    rows = {(row.rule, row.subject, row.place_name): row for row in (_row(at, source, c, now) for c in checks)}
    kept = {
        (row.rule, row.subject, row.place_name): row
        for row in at.problems.filter(source=source).only("rule", "subject", "place_name")
    }
    Problem.objects.filter(pk__in=[row.pk for key, row in kept.items() if key not in rows]).delete()
    Problem.objects.bulk_create(
        rows.values(),
        batch_size=500,
        update_conflicts=True,
        unique_fields=[_side(at), "source", "rule", "subject", "place_name"],
        update_fields=_TOUCHED,
    )


def look_over(server: Server, checks: list[Check] | None = None, facts: said.Server | None = None) -> list[Check]:
    """Judge a server and what it stands together with, and keep what was found. Returns the server's own checks, which
    like its facts may be at hand.

    Called inside the transaction of what may have changed it. Only neighbours are read: servers of its failover pairs,
    relays that pass on to it, and the servers that those relays pass on to.
    """
    facts = facts or server_facts(server, keys=False)
    own = checks_of(server, facts) if checks is None else checks
    record_checks(server, PREFLIGHT, own)
    others, relays = _around(server)
    there = (on_host(server, facts), *(on_host(each, server_facts(each, keys=False)) for each in others))
    if len(there) > 1 or relays or facts.failover:
        found = picture(Picture(there, tuple(each.facts() for each in relays)))
        record_checks(server, PICTURE, [each for each in found if _belongs(each, server)])
    else:
        record_checks(server, PICTURE, ())
    return own


def look_over_relay(relay: Relay) -> list[Check]:
    """The same for a relay; returns what concerns it."""
    all_of_them = list(Server.objects.select_related("host"))
    servers = [each for each in all_of_them if is_told(relay, each)]
    found = picture_of(servers, [relay])
    for server in servers:
        look_over(server)
    record_checks(relay, PICTURE, _strangers(relay, all_of_them))
    return [each for each in found if each.finding.id.startswith(("dhcp.relay", "dhcp.server"))]


def look_for_strangers() -> None:
    """Keep at each relay which of its servers the panel does not know: a server came, went, or got other addresses.

    Called inside the transaction of that. No declarations are read for it.
    """
    servers = list(Server.objects.select_related("host").only("addresses", "host"))
    for relay in Relay.objects.select_related("host"):
        record_checks(relay, PICTURE, _strangers(relay, servers))


def _strangers(relay: Relay, servers: Iterable[Server]) -> list[Check]:
    known = {name for each in servers if may_meet(relay, each) for name in _called(each)}
    place = Place("relay", relay.host.name, "servers")
    unknown = [each for each in relay.servers if str(address_of(each) or each) not in known]
    return [check("dhcp.relay.no-server", place, each) for each in dict.fromkeys(unknown)]


def problems_for(user: User) -> ProblemQuerySet:
    """Findings that the person may see, the gravest first; hosts in maintenance are left out."""
    found: ProblemQuerySet = Problem.objects.visible_to(user).at_work()
    ranked = found.annotate(rank=Case(*[When(severity=name, then=rank) for name, rank in RANKS.items()], default=3))
    return ranked.select_related("server__host", "relay__host").order_by("rank", "-found_at", "-pk")


def _belongs(found: Check, server: Server) -> bool:
    """What is at a relay is kept there."""
    place = found.place
    if place.kind == "server":
        return place.name == server.host.name
    return place.kind == "failover" and any(peer.name == place.name for peer in server.peers.all())


def _around(server: Server) -> tuple[list[Server], list[Relay]]:
    """Other servers, and relays."""
    relays = [each for each in Relay.objects.select_related("host") if is_told(each, server)]
    names = list(server.peers.values_list("name", flat=True))
    partners = set(Peer.objects.filter(name__in=names).values_list("server_id", flat=True)) - {server.pk}
    others = Server.objects.select_related("host").exclude(pk=server.pk).order_by("pk")
    found = [each for each in others if each.pk in partners or any(is_told(relay, each) for relay in relays)]
    return found, relays


def is_told(relay: Relay, server: Server) -> bool:
    """Whether the relay passes requests on to that server. Private addresses are in use more than once: servers and
    relays of two organizations have nothing to do with each other; those of none are for everybody.
    """
    if not may_meet(relay, server):
        return False
    mine = _called(server)
    return any(str(address_of(each) or each) in mine for each in relay.servers)


def _called(server: Server) -> set[str]:
    return {str(address_of(each)) for each in server.addresses} | {server.host.name, server.host.address}


def may_meet(one: Server | Relay, other: Server | Relay) -> bool:
    """Whether both are of one organization, or one of them is of none."""
    owners = {one.host.organization_id, other.host.organization_id} - {None}
    return len(owners) < 2


def _side(at: Server | Relay) -> str:
    return "server" if isinstance(at, Server) else "relay"


def _row(at: Server | Relay, source: str, found: Check, now: datetime) -> Problem:
    finding, place, mend = found.finding, found.place, found.mend
    return Problem(
        **{_side(at): at},
        source=source,
        rule=finding.id[:60],
        subject=finding.subject[:255],
        severity=finding.severity,
        title=finding.title,
        why=finding.why,
        what_to_do=finding.what_to_do,
        place_kind=place.kind[:30],
        place_name=place.name[:255],
        place_field=place.field[:60],
        mend_words=mend.words if mend else "",
        mend_value=mend.value if mend else "",
        found_at=now,
        seen_at=now,
    )


def gravest_first(checks: Iterable[Check]) -> Iterator[Check]:
    """In the order in which people should read them."""
    yield from sorted(checks, key=lambda each: (RANKS[Severity(each.finding.severity)], each.finding.id))
