"""A site starts from what it has: a configuration in, its rows out, or a refusal that leaves everything as it was."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import models, transaction
from django.utils import timezone

from dhcp.choices import ErrandKind, ErrandState, ServerKind
from dhcp.errors import UnreadableConfig
from dhcp.facts import server as said
from dhcp.facts.config import ConfFile
from dhcp.facts.places import places_of
from dhcp.facts.plain import without_origin
from dhcp.facts.walk import walk
from dhcp.models import Errand, Server, server_facts
from dhcp.parse.dhcpd_conf import dhcpd_conf as read_conf
from dhcp.parse.kea_server import kea_server
from dhcp.parse.server import server as server_of
from dhcp.render.dhcpd import dhcpd_conf
from dhcp.render.kea import kea_conf
from dhcp.rules.kept import Kept, kept_of
from dhcp.rules.numbers import numbered
from dhcp.services.checks import look_over
from dhcp.services.editing import save_server
from dhcp.services.holding import hold
from dhcp.services.replacing import Replaced
from dhcp.services.rows import write_rows
from dhcp.services.told import files_of
from hosts.errors import BadInput, WrongState
from hosts.facts.words import gettext_noop, words
from hosts.models import Host
from hosts.services.audit import Actor, note
from hosts.services.contents import keep_content
from hosts.services.scope import require_visible

ReadInclude = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class TakenOver:
    """`counts` by kind of row ("subnet", "pool", "range", "reservation", ...); `kept` is what nobody understood, each
    with its line; `missing` are included files that could not be had, which stay as they are named.
    """

    counts: dict[str, int]
    kept: tuple[Kept, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Understood:
    """A configuration as facts. `files` are all texts that it came from, by path."""

    kind: str
    facts: said.Server
    conf: ConfFile | None
    files: dict[str, str]

    def taken(self) -> TakenOver:
        """What would come of it."""
        missing = self.conf.missing if self.conf else ()
        return TakenOver(_counts(self.facts), tuple(kept_of(self.facts, self.conf)), missing)


def understood(text: str, read_include: ReadInclude, *, version: int = 4, path: str = "") -> Understood:
    """dhcpd.conf with its includes, or Kea's JSON, told apart by how they begin. UnreadableConfig says where not."""
    if _is_json(text):
        return Understood(ServerKind.KEA, numbered(kea_server(text)), None, {path: text})
    files = {path: text}

    def read(name: str) -> str | None:
        found = read_include(name)
        if found is not None:
            files[name] = found
        return found

    conf = read_conf(text, read, path or "dhcpd.conf")
    return Understood(ServerKind.ISC, server_of(conf, version), conf, files)


@transaction.atomic
def take_over(
    server: Server,
    text: str,
    *,
    by: Actor,
    read_include: ReadInclude,
    replace: bool = False,
    interfaces: Sequence[str] = (),
    from_host: bool = False,
) -> TakenOver:
    """Write a configuration into a server's rows. Nothing is written where rendering them would tell the server
    something else, nor where the server has rows, unless they are to be replaced.

    `interfaces` are those of dhcpd's start script. `from_host` says that an errand keeps the text already.
    People's own words on reservations and networks (names, organizations, thresholds) stay with those of the same name.
    """
    require_visible(by, server)
    row = hold(server.pk)
    where = places_of(row.kind, row.version, config=row.config_path)
    found = understood(text, read_include, version=row.version, path=where.config)
    _require_fitting(row, found)
    kept = Replaced(row)
    if kept.has_rows and not replace:
        said_of = gettext_noop("%(server)s has declarations in the panel already. Nothing was taken over.")
        raise WrongState(words(said_of, server=str(row)))
    kept.clear()
    named = tuple(interfaces or row.interfaces)
    facts = found.facts if found.kind == ServerKind.KEA else _listening(found.facts, named)
    write_rows(row, facts)
    kept.give_back()
    _require_same(row, facts)
    Server.objects.filter(pk=row.pk).update(revision=models.F("revision") + 1, edited_at=timezone.now())
    if not from_host:
        _keep(row, found, by)
    done = found.taken()
    note(by, "take over", row, organization=row.host.organization, details=dict(done.counts))
    look_over(Server.objects.select_related("host").get(pk=row.pk))
    server.refresh_from_db()
    return done


@transaction.atomic
def server_named(named: str, text: str, *, version: int, by: Actor) -> Server:
    """The server of that id, or the one of that IP version on the host of that name; made where the host has none yet.

    Which program a new one is, `text` says. BadInput where no such host is in the panel.
    """
    if named.isdecimal() and (known := Server.objects.select_related("host").filter(pk=int(named)).first()):
        return known
    host = Host.objects.filter(name=named).first()
    if host is None:
        said_of = gettext_noop("No host of the panel is called %(name)s, and no DHCP server has this number.")
        raise BadInput(words(said_of, name=named))
    is_kea = _is_json(text)
    number = kea_server(text).version if is_kea else version
    found = Server.objects.select_related("host").filter(host=host, version=number).first()
    if found is None:
        found = Server(host=host, version=number, kind=ServerKind.KEA if is_kea else ServerKind.ISC)
        save_server(found, by=by)
    return found


@transaction.atomic
def take_over_read(errand: Errand, *, by: Actor, replace: bool = False) -> TakenOver:
    """What an errand read on the server's host."""
    texts = _texts(errand)
    main = str(errand.answer.get("config", ""))
    if errand.kind != ErrandKind.READ_CONFIG or main not in texts:
        raise WrongState(words(gettext_noop("No configuration was read by this errand.")))
    server = errand.server
    if not server.config_path and main != places_of(server.kind, server.version).config:
        server.config_path = main
        save_server(server, by=by)
    return take_over(
        server,
        texts[main],
        by=by,
        read_include=texts.get,
        replace=replace,
        interfaces=errand.answer.get("interfaces", ()),
        from_host=True,
    )


def preview_read(errand: Errand) -> TakenOver:
    """What taking it over would bring, without writing anything. UnreadableConfig says where it cannot be read."""
    texts = _texts(errand)
    main = str(errand.answer.get("config", ""))
    found = understood(texts.get(main, ""), texts.get, version=errand.server.version, path=main)
    return found.taken()


def _texts(errand: Errand) -> dict[str, str]:
    return {path: each.read().decode("utf-8", "surrogateescape") for path, each in files_of(errand).items()}


def _is_json(text: str) -> bool:
    """Kea's file begins with a brace, after comments of any kind."""
    for line in text.splitlines():
        stripped = line.strip()
        if stripped and not stripped.startswith(("#", "//", "/*", "*")):
            return stripped.startswith("{")
    return False


def _require_fitting(row: Server, found: Understood) -> None:
    if found.kind != row.kind:
        said_of = gettext_noop("This is a file of %(found)s, and %(server)s is %(kind)s. Nothing was taken over.")
        raise BadInput(
            words(
                said_of, found=str(ServerKind(found.kind).label), server=str(row), kind=str(ServerKind(row.kind).label)
            )
        )
    if found.facts.version != row.version:
        said_of = gettext_noop("This is a configuration for IPv%(found)s, and %(server)s serves IPv%(version)s.")
        raise BadInput(words(said_of, found=found.facts.version, server=str(row), version=row.version))


def _listening(facts: said.Server, interfaces: tuple[str, ...]) -> said.Server:
    """dhcpd.conf names no interfaces: those that are known stay."""
    return dataclasses.replace(facts, interfaces=interfaces)


def _require_same(row: Server, facts: said.Server) -> None:
    """What the rows would be rendered to must read as what was taken over."""
    fresh = Server.objects.select_related("host").get(pk=row.pk)
    mine = server_facts(fresh)
    try:
        if row.kind == ServerKind.KEA:
            again = kea_server(kea_conf(mine).text)
        else:
            again = server_of(read_conf(dhcpd_conf(mine), lambda _: None, "dhcpd.conf"), row.version)
    except UnreadableConfig as error:
        raise _differs(row) from error
    if row.kind == ServerKind.ISC:
        again = _listening(again, facts.interfaces)
    if without_origin(again) != without_origin(facts):
        raise _differs(row)


def _differs(row: Server) -> BadInput:
    said_of = gettext_noop(
        "Written back, %(server)s would be told something else than this file says. Nothing was taken over; the file "
        "shows a fault of this panel and is worth a report."
    )
    return BadInput(words(said_of, server=str(row)))


def _keep(row: Server, found: Understood, by: Actor) -> None:
    """As what the host has, against which the first change is told."""
    kept = {path: keep_content(text.encode("utf-8", "surrogateescape")).pk for path, text in found.files.items()}
    Errand.objects.create(
        server=row,
        kind=ErrandKind.READ_CONFIG,
        state=ErrandState.DONE,
        answer={"files": kept, "config": next(iter(found.files))},
        asked_by=by.user,
        done_at=timezone.now(),
    )


def _counts(facts: said.Server) -> dict[str, int]:
    found: dict[str, int] = {}
    for step in walk(facts):
        each = step.declaration
        kind = type(each).__name__.lower().replace("sharednetwork", "shared network")
        found[kind] = found.get(kind, 0) + 1
        ranges = len(getattr(each, "ranges", ()))
        found["range"] = found.get("range", 0) + ranges
    found.pop("server", None)
    found |= {"class": len(facts.classes), "subclass": len(facts.subclasses), "definition": len(facts.definitions)}
    found |= {"key": len(facts.keys), "zone": len(facts.zones), "failover pair": len(facts.failover)}
    return {kind: count for kind, count in found.items() if count}
