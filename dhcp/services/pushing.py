"""Servers and relays as proposals for their hosts, planned as changes: one host at a time, or a site as a rollout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from dhcp.choices import ServerKind
from dhcp.facts import server as said
from dhcp.facts.check import Check
from dhcp.facts.places import Places, places_of
from dhcp.facts.server import LeftOut
from dhcp.facts.walk import subnets
from dhcp.models import Relay, Server, server_facts
from dhcp.render.bundles import Texts, isc_bundle, kea_bundle, relay_bundle
from dhcp.render.defaults import isc_dhcp_relay, server_defaults
from dhcp.render.dhcpd import dhcpd_conf, keys_conf
from dhcp.render.kea import kea_conf
from dhcp.rules.meaning import MOST_LINES, meaning
from dhcp.rules.refusals import added
from dhcp.rules.shrinking import losing
from dhcp.services.checks import checks_of
from dhcp.services.editing.judging import told
from dhcp.services.editing.leaving import leases_leaving
from dhcp.services.holding import hold, hold_all
from dhcp.services.probing import probes_of_relay, probes_of_server, probing
from dhcp.services.told import is_there, last_read, last_told
from hosts.choices import Severity, Source
from hosts.errors import BadInput
from hosts.facts.change import Bundle, Command
from hosts.facts.proposal import Meaning, Proposal
from hosts.facts.words import gettext_noop, joined, words
from hosts.models import Change, Host, HostFile, Rollout
from hosts.rules.concealed import concealed
from hosts.services.audit import Actor
from hosts.services.changes import plan_change
from hosts.services.rollouts import Manner, plan_for_hosts
from hosts.services.scope import require_visible


def places(server: Server) -> Places:
    """Where the server's files are on its host, and what its process is called."""
    return places_of(server.kind, server.version, config=server.config_path, leases=server.lease_path, unit=server.unit)


def reference_of(row: Server | Relay) -> str:
    """By which a change is found again: "dhcp.server:3:17" is server 3 as it was after 17 edits."""
    return f"{mark_of(row)}{row.revision}"


def mark_of(row: Server | Relay) -> str:
    """The same without the revision."""
    return f"dhcp.{'server' if isinstance(row, Server) else 'relay'}:{row.pk}:"


def propose_server(server: Server, *, together: Iterable[Server] = ()) -> Proposal:
    """What the host of a server is told. `together` are servers that the same change tells, too.

    BadInput names what must not be sent, RenderError what cannot be written; no host is asked.
    """
    server = Server.objects.select_related("host").get(pk=server.pk)  # its revision before its declarations
    facts, base = server_facts(server), last_told(server)
    _require_sendable(server, facts, base)
    leaving = leases_leaving(server, base, facts) if base else ()
    lost = losing(base, facts, leaving, timezone.now()) if base else []
    means = [*meaning(base, facts, lost)]
    probes = probes_of_server(server, facts)
    if server.kind == ServerKind.KEA:
        bundle, left_out = _kea(server, facts, probes)
        means += _left_out(left_out)
    else:
        bundle = _isc(server, facts, together, probes)
    means += [_restarts(server), *probing(probes, asked=server.probes)]
    title = words(gettext_noop("DHCP: %(server)s"), server=str(server))
    return Proposal(title, bundle, tuple(means), reference=reference_of(server))


def propose_relay(relay: Relay) -> Proposal:
    """What the host of a relay is told."""
    relay = Relay.objects.select_related("host").get(pk=relay.pk)
    probes = probes_of_relay(relay)
    bundle = relay_bundle(isc_dhcp_relay(relay.facts()), relay.interfaces, probes)
    passes = words(gettext_noop("Passes requests on to %(servers)s."), servers=", ".join(relay.servers))
    heard = words(gettext_noop("Listens on %(names)s."), names=", ".join(relay.interfaces))
    everywhere = words(gettext_noop("Listens on all interfaces."))
    means = (
        Meaning("add", passes),
        Meaning("info", heard if relay.interfaces else everywhere),
        Meaning("heed", words(gettext_noop("The relay restarts; clients that ask meanwhile try again by themselves."))),
        *probing(probes, asked=bool(probes)),
    )
    title = words(gettext_noop("DHCP relay: %(relay)s"), relay=str(relay))
    return Proposal(title, bundle, means, reference=reference_of(relay))


@transaction.atomic
def plan_server(server: Server, *, by: Actor, why: str = "", reference: str = "") -> Change:
    """A change for the server's host, to be compared, approved and applied like any other."""
    require_visible(by, server)
    proposal = propose_server(hold(server.pk))
    return plan_change(server.host, proposal, by=by, source=Source.DHCP, why=why, reference=reference)


@transaction.atomic
def plan_relay(relay: Relay, *, by: Actor, why: str = "", reference: str = "") -> Change:
    """A change for the relay's host."""
    require_visible(by, relay)
    return plan_change(relay.host, propose_relay(relay), by=by, source=Source.DHCP, why=why, reference=reference)


@transaction.atomic
def plan_site(
    servers: Sequence[Server],
    relays: Sequence[Relay],
    *,
    by: Actor,
    why: str = "",
    reference: str = "",
    manner: Manner | None = None,
) -> Change | Rollout:
    """One rollout, servers first and then the relays; a host that is both gets one change.

    By default one host goes after the other: the first server is the canary, and no relay is touched before its servers
    hold. With one server the relays go together.
    """
    require_visible(by, *servers, *relays)
    servers = hold_all(each.pk for each in servers)
    rows: dict[Host, list[Server | Relay]] = {}
    told_of: list[Server | Relay] = [*servers, *relays]
    for row in told_of:
        rows.setdefault(row.host, []).append(row)
    served = len({server.host_id for server in servers})
    usual = Manner(canary_count=1, batch_size=1 if served > 1 else 10)
    return plan_for_hosts(
        list(rows),
        lambda host: _together(rows[host]),
        by=by,
        source=Source.DHCP,
        why=why,
        reference=reference,
        manner=manner or usual,
    )


def left_out(server: Server) -> tuple[LeftOut, ...]:
    """What Kea cannot be told of a server's declarations; nothing for dhcpd."""
    return kea_conf(server_facts(server, keys=False)).left_out if server.kind == ServerKind.KEA else ()


def text_of(server: Server) -> str:
    """The configuration as it would be sent, for people to read: without the secrets of keys, wherever they stand."""
    facts = server_facts(server)
    text = kea_conf(facts).text if server.kind == ServerKind.KEA else dhcpd_conf(facts, places(server).keys)
    return concealed(text.encode()).decode()


def _require_sendable(server: Server, facts: said.Server, base: said.Server | None) -> None:
    if not subnets(facts):
        said_of = gettext_noop(
            "%(server)s has no subnet yet, and would not start. Add the subnet of its own network first."
        )
        raise BadInput(words(said_of, server=str(server)), field="subnets")
    known: list[Check] = checks_of(server, base) if base else []
    grave = [c for c in added(known, checks_of(server, facts)) if c.finding.severity == Severity.CRITICAL]
    if grave:
        why = joined(told(each) for each in grave[:3])
        raise BadInput(words(gettext_noop("%(why)s Nothing was planned."), why=why), field=grave[0].place.field)


def _isc(server: Server, facts: said.Server, together: Iterable[Server], probes: Sequence[Command]) -> Bundle:
    where = places(server)
    others = {each.version: each for each in _siblings(server, together)}
    all_of_them = {server.version: server, **others}
    texts = Texts(
        config=dhcpd_conf(facts, where.keys),
        keys=keys_conf(facts),
        defaults=server_defaults(
            *(facts if each == server else _named(each) for _, each in sorted(all_of_them.items())),
            paths=_own_paths(all_of_them),
            options=_options(server),
        ),
        had_keys=HostFile.objects.filter(host=server.host, path=where.keys).exists(),
        interfaces=facts.interfaces,
    )
    return isc_bundle(texts, where, server.version, probes)


def _options(server: Server) -> tuple[str, ...]:
    """What was read of the start script's own options on the host: the panel has no words for them, and keeps them."""
    read = last_read(server)
    return tuple(read.answer.get("options", ())) if read else ()


def _siblings(server: Server, together: Iterable[Server]) -> list[Server]:
    """The dhcpd of the other IP version on the host, where it is there already or told by the same change."""
    mine = {each.pk for each in together}
    others = Server.objects.filter(host=server.host, kind=ServerKind.ISC).exclude(pk=server.pk)
    return [each for each in others.select_related("host") if each.pk in mine or is_there(each)]


def _named(server: Server) -> said.Server:
    return said.Server(version=server.version, interfaces=tuple(server.interfaces))


def _own_paths(servers: Mapping[int, Server]) -> dict[int, str]:
    return {number: at.config for number, each in servers.items() if (at := places(each)).has_own_config}


def _kea(server: Server, facts: said.Server, probes: Sequence[Command]) -> tuple[Bundle, tuple[LeftOut, ...]]:
    conf = kea_conf(facts)
    texts = Texts(conf.text, interfaces=facts.interfaces)
    return kea_bundle(texts, places(server), probes), conf.left_out


def _left_out(found: Sequence[LeftOut]) -> list[Meaning]:
    said_of = gettext_noop("Kea cannot be told: %(text)s (%(within)s).")
    lines = [Meaning("heed", words(said_of, text=each.text, within=each.within)) for each in found[:MOST_LINES]]
    if len(found) > MOST_LINES:
        more = words(gettext_noop("Kea cannot be told %(count)s more statements."), count=len(found) - MOST_LINES)
        lines.append(Meaning("heed", more))
    return lines


def _restarts(server: Server) -> Meaning:
    name = places(server).program
    said_of = gettext_noop("%(program)s restarts; clients that ask meanwhile try again by themselves.")
    return Meaning("heed", words(said_of, program=name))


def _together(rows: Sequence[Server | Relay]) -> Proposal:
    """One proposal for all rows of a host."""
    servers = [row for row in rows if isinstance(row, Server)]
    proposals = [
        propose_server(row, together=servers) if isinstance(row, Server) else propose_relay(row) for row in rows
    ]
    first = proposals[0]
    if len(proposals) == 1:
        return first
    return replace(
        first,
        bundle=_joined([each.bundle for each in proposals]),
        means=tuple(line for each in proposals for line in each.means),
        reference=" ".join(each.reference for each in proposals),
    )


def _joined(bundles: Sequence[Bundle]) -> Bundle:
    """Each file and each command once, in their order."""
    files = {file.path: file for each in bundles for file in each.files}

    def all_of(phase: str) -> tuple[object, ...]:
        return tuple(dict.fromkeys(command for each in bundles for command in getattr(each, phase)))

    phases = ("before", "check", "activate", "verify", "undo")
    return Bundle(files=tuple(files.values()), **{phase: all_of(phase) for phase in phases})  # type: ignore[arg-type]
