"""What a server's host was last told, as far as the panel knows: by a change that was applied, or as it was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat

from dhcp.choices import ErrandKind, ErrandState, ServerKind
from dhcp.errors import UnreadableConfig
from dhcp.facts import server as said
from dhcp.facts.places import SERVER_DEFAULTS, places_of
from dhcp.models import Errand, Relay, Server
from dhcp.parse.defaults import server_defaults
from dhcp.parse.dhcpd_conf import dhcpd_conf as read_conf
from dhcp.parse.kea_server import kea_server
from dhcp.parse.server import server as server_of
from hosts.choices import ChangeState
from hosts.models import Change, FileContent, HostFile
from hosts.models.change import ENDED


@dataclass(frozen=True, slots=True)
class PushState:
    """`applied_revision` is what the host has, None where it was never told; `open_change` is planned, waiting or on
    its way; `waits` says that people have saved what the host has not got, in so many `edits`.
    """

    applied_revision: int | None
    open_change: Change | None
    waits: bool
    edits: int = 0


def state_of_push(row: Server | Relay) -> PushState:
    """Whether what people saved is on the host."""
    kind = "server" if isinstance(row, Server) else "relay"
    mark = f"dhcp.{kind}:{row.pk}:"
    mine = Change.objects.filter(host_id=row.host_id, reference__contains=mark).order_by("-pk")
    applied = mine.filter(state__in=(ChangeState.APPLIED, ChangeState.UNCHANGED))
    held = applied.exclude(put_back_by__state=ChangeState.APPLIED).first()
    revision = _revision(held.reference, mark) if held else None
    return _state(row, revision, mine.exclude(state__in=ENDED).first())


server_state_of_push = state_of_push


def states_of_push(rows: Sequence[Server | Relay]) -> dict[int, PushState]:
    """The same of many rows of one kind, by their keys: two queries for all of them."""
    if not rows:
        return {}
    kind = "server" if isinstance(rows[0], Server) else "relay"
    mark = Concat(Value(f"dhcp.{kind}:"), Cast(OuterRef("pk"), CharField()), Value(":"))
    mine = Change.objects.filter(host_id=OuterRef("host_id"), reference__contains=mark).order_by("-pk")
    applied = mine.filter(state__in=(ChangeState.APPLIED, ChangeState.UNCHANGED))
    held = applied.exclude(put_back_by__state=ChangeState.APPLIED).values("reference")[:1]
    going = mine.exclude(state__in=ENDED).values("pk")[:1]
    model: Any = type(rows[0])
    found = model.objects.filter(pk__in=[row.pk for row in rows]).annotate(held=Subquery(held), going=Subquery(going))
    said_of = {pk: (reference, change) for pk, reference, change in found.values_list("pk", "held", "going")}
    changes = Change.objects.in_bulk([change for _, change in said_of.values() if change])
    states = {}
    for row in rows:
        reference, change = said_of.get(row.pk, (None, None))
        revision = _revision(reference, f"dhcp.{kind}:{row.pk}:") if reference else None
        states[row.pk] = _state(row, revision, changes.get(change or 0))
    return states


def last_told(server: Server) -> said.Server | None:
    """Its configuration on the host, parsed; None where the panel never saw one, or cannot read it."""
    files = last_files(server)
    found = parsed(server, files) if files else None
    if found is None or server.kind == ServerKind.KEA:
        return found
    return replace(found, interfaces=_last_interfaces(server))


def _last_interfaces(server: Server) -> tuple[str, ...]:
    """Those that dhcpd was told to listen on: they stand in the defaults of its start script and not in its file."""
    kept = HostFile.objects.filter(host=server.host, path=SERVER_DEFAULTS).select_related("content", "change").first()
    read, at = last_read(server), kept.change.finished_at if kept and kept.change else None
    if read is not None and (at is None or (read.done_at and read.done_at > at)):
        return tuple(read.answer.get("interfaces", server.interfaces))
    if kept is None or kept.content is None:
        return ()
    told = server_defaults(kept.content.read().decode("utf-8", "surrogateescape"))
    return told.interfaces6 if server.version == 6 else told.interfaces4


def last_files(server: Server) -> dict[str, FileContent]:
    """The files by path: of the last applied change, or of what was read on the host since."""
    where = places_of(server.kind, server.version, config=server.config_path)
    kept = HostFile.objects.filter(host=server.host, path__in=[where.config, where.keys]).select_related(
        "content", "change"
    )
    found = {each.path: each for each in kept if each.content is not None}
    main = found.get(where.config)
    read = last_read(server)
    at = main.change.finished_at if main and main.change else None
    if read is not None and (at is None or (read.done_at and read.done_at > at)):
        return files_of(read)
    return {path: each.content for path, each in found.items() if each.content} if main else {}


def last_read(server: Server) -> Errand | None:
    """The newest errand that brought its configuration from the host, or kept what was taken over from a file."""
    done = server.errands.filter(kind=ErrandKind.READ_CONFIG, state=ErrandState.DONE)
    return done.order_by("-done_at").first()


def files_of(errand: Errand) -> dict[str, FileContent]:
    """What an errand brought: contents by path, sealed as they are kept."""
    digests: dict[str, str] = errand.answer.get("files", {})
    contents = FileContent.objects.in_bulk(list(digests.values()))
    return {path: contents[digest] for path, digest in digests.items() if digest in contents}


def parsed(server: Server, files: Mapping[str, FileContent]) -> said.Server | None:
    """The facts of those files; the main one is the server's own, others are what it includes."""
    where = places_of(server.kind, server.version, config=server.config_path)
    main = files.get(where.config) or next(iter(files.values()), None)
    if main is None:
        return None

    def text(content: FileContent | None) -> str | None:
        return content.read().decode("utf-8", "surrogateescape") if content else None

    written = text(main) or ""
    try:
        if server.kind == ServerKind.KEA:
            return kea_server(written)
        return server_of(read_conf(written, lambda name: text(files.get(name)), where.config), server.version)
    except UnreadableConfig:
        return None


def is_there(server: Server) -> bool:
    """Whether the server runs on its host as far as the panel knows: it was told there, or read from there."""
    where = places_of(server.kind, server.version, config=server.config_path)
    return HostFile.objects.filter(host=server.host, path=where.config).exists() or last_read(server) is not None


def _state(row: Server | Relay, revision: int | None, going: Change | None) -> PushState:
    return PushState(revision, going, revision != row.revision, max(0, row.revision - (revision or 0)))


def _revision(reference: str, mark: str) -> int | None:
    digits = reference.partition(mark)[2].split(" ")[0]
    return int(digits) if digits.isdecimal() else None
