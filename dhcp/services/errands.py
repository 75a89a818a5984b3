"""What a person asks of a server's host and waits for: a row that wakes a worker, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from dhcp.choices import ErrandKind, ErrandState, ServerKind
from dhcp.facts.answers import KeaSocket, Omapi, PingAnswer, Release, ReleaseState
from dhcp.facts.defaults import ServerDefaults
from dhcp.facts.places import SERVER_DEFAULTS, places_of
from dhcp.models import Errand, Lease, Server
from dhcp.parse.defaults import server_defaults
from dhcp.rules.addresses import address_of
from dhcp.services.taking_over import understood
from hosts.errors import BadInput, WrongState
from hosts.facts.change import SeenFile
from hosts.facts.words import Words, gettext_noop, words
from hosts.services.audit import Actor, note
from hosts.services.contents import keep_content
from hosts.services.scope import require_visible

MOST_ADDRESSES = 64
NO_V6 = gettext_noop(
    "dhcpd cannot end an IPv6 lease while it runs; the lease of %(ip)s was left. It ends by itself; Kea could do it."
)
LOST_AFTER = timedelta(seconds=5)
"""A message that was sent is answered within this time where workers are there."""
SILENT_AFTER = timedelta(seconds=120)
"""No errand takes that long: another worker may begin it anew, since doing one twice does no harm."""


def ask_config(server: Server, *, by: Actor) -> Errand:
    """Read its configuration with what it includes, for taking over or to see what is there."""
    return _asked(server, ErrandKind.READ_CONFIG, {}, by)


def ask_ping(server: Server, addresses: Sequence[str], *, by: Actor) -> Errand:
    """Ask from the server whether anything answers at these addresses (64 at most)."""
    found = [address_of(each.strip()) for each in addresses]
    wrong = next((typed for typed, each in zip(addresses, found, strict=True) if each is None), None)
    if wrong is not None or not found:
        raise BadInput(words(gettext_noop("“%(text)s” is no address."), text=(wrong or "")[:60]), field="addresses")
    if len(found) > MOST_ADDRESSES:
        said = gettext_noop("At most %(most)s addresses can be asked at a time.")
        raise BadInput(words(said, most=MOST_ADDRESSES), field="addresses")
    return _asked(server, ErrandKind.PING, {"addresses": [str(each) for each in found]}, by)


def ask_release(lease: Lease, *, by: Actor) -> Errand:
    """Take a lease back. Its machine is not told: it keeps the address until it asks again. WrongState where the server
    has no way to do so.
    """
    if not can_release(lease.server):
        raise WrongState(words(NO_V6, ip=lease.address))
    asked = {"address": lease.address, "mac": lease.mac, "client_id": lease.client_id}
    return _asked(lease.server, ErrandKind.RELEASE, asked, by)


def can_release(server: Server) -> bool:
    """Whether the program can take leases back at all while it runs."""
    return server.kind == ServerKind.KEA or server.version == 4


def claim_errand(errand_id: int) -> Errand | None:
    """Take an errand that waits, or whose worker fell silent; None where somebody looks after it."""
    now = timezone.now()
    free = Q(state=ErrandState.WAITING) | Q(state=ErrandState.RUNNING, began_at__lte=now - SILENT_AFTER)
    taken = Errand.objects.filter(free, pk=errand_id).update(state=ErrandState.RUNNING, began_at=now)
    if not taken:
        return None
    return Errand.objects.select_related("server__host").get(pk=errand_id)


def lost_errands(limit: int = 100) -> list[int]:
    """Those whose message was lost, or whose worker fell silent."""
    now = timezone.now()
    waits = Q(state=ErrandState.WAITING, asked_at__lte=now - LOST_AFTER)
    silent = Q(state=ErrandState.RUNNING, began_at__lte=now - SILENT_AFTER)
    return list(Errand.objects.filter(waits | silent).order_by("asked_at", "pk").values_list("pk", flat=True)[:limit])


def record_answer(errand: Errand, answer: dict[str, Any], *, why: Words | str = "") -> bool:
    """It is done. False where another worker took it over meanwhile."""
    return _ended(errand, ErrandState.DONE, answer, why)


def record_failure(errand: Errand, *, why: Words | str) -> bool:
    """It could not be done, and why. False where another worker took it over meanwhile."""
    return _ended(errand, ErrandState.FAILED, {}, why)


def record_heard(errand: Errand, heard: Sequence[PingAnswer]) -> bool:
    """Whether somebody answers at each address: `answer["heard"]` is a list of {"ip", "heard", "mac"}."""
    return record_answer(errand, {"heard": [{"ip": e.ip, "heard": e.heard.value, "mac": e.mac or ""} for e in heard]})


def record_release(errand: Errand, ended: Release) -> bool:
    """How releasing ended; where the server was left as it was, the errand failed and says why."""
    if ended.state == ReleaseState.NOT_POSSIBLE:
        return record_failure(errand, why=ended.words)
    return record_answer(errand, {"state": ended.state.value}, why=ended.words)


def way_of(server: Server) -> Omapi | KeaSocket | None:
    """How the running server takes orders, by what it is told in the panel; None where it takes none."""
    if server.kind == ServerKind.KEA:
        socket = next((value for name, value in server.kea if name == "control-socket"), "")
        path = _socket_path(socket)
        return KeaSocket(path) if path else None
    key = server.keys.filter(is_for_omapi=True).first()
    if key is None:
        return None
    port = next((value for name, value in server.parameters if name == "omapi-port"), "")
    said = key.facts()
    return Omapi(int(port) if port.isdecimal() else 7911, said.name, said.algorithm, said.secret)


def wanted_paths(errand: Errand) -> list[str]:
    """The files to read first."""
    server = errand.server
    paths = [_config(server)]
    return [*paths, SERVER_DEFAULTS] if server.kind == ServerKind.ISC else paths


def missing_paths(errand: Errand, seen: dict[str, SeenFile]) -> list[str]:
    """Files that the start script names, or the configuration includes, as far as it is known, and that were not asked
    for yet.

    UnreadableConfig where it cannot be read. A relative name is the server's working directory's: it stays missing.
    """
    path = _config_in_use(errand.server, seen)
    if path not in seen:
        return [path]
    if (text := _text(seen[path])) is None:
        return []
    asked: list[str] = []

    def read(name: str) -> str | None:
        if name.startswith("/") and name not in seen:
            asked.append(name)
        return _text(seen.get(name))

    understood(text, read, version=errand.server.version, path=path)
    return list(dict.fromkeys(asked))


@transaction.atomic
def record_config(errand: Errand, seen: dict[str, SeenFile]) -> bool:
    """What was read; contents are sealed, since configurations hold keys."""
    path = _config_in_use(errand.server, seen)
    if _text(seen.get(path)) is None:
        said = gettext_noop("There is no %(path)s on %(host)s. Say at the server where its configuration is.")
        return record_failure(errand, why=words(said, path=path, host=errand.server.host.name))
    told = _defaults(seen)
    kept = {
        name: keep_content(each.content).pk
        for name, each in seen.items()
        if each.content is not None and name != SERVER_DEFAULTS
    }
    listens = told.interfaces6 if errand.server.version == 6 else told.interfaces4
    answer = {"config": path, "files": kept, "interfaces": list(listens), "options": list(told.options)}
    return record_answer(errand, answer)


def _asked(server: Server, kind: ErrandKind, asked: dict[str, Any], by: Actor) -> Errand:
    """The same question that still waits is not asked twice."""
    with transaction.atomic():
        require_visible(by, server)
        open_one = server.errands.filter(kind=kind, state=ErrandState.WAITING, asked=asked).first()
        if open_one is not None:
            return open_one
        errand = Errand.objects.create(server=server, kind=kind, asked=asked, asked_by=by.user)
        note(by, "ask host", server, organization=server.host.organization, details={"errand": kind.value, **asked})
        return errand


def _ended(errand: Errand, state: ErrandState, answer: dict[str, Any], why: Words | str) -> bool:
    mine = Errand.objects.filter(pk=errand.pk, state=ErrandState.RUNNING, began_at=errand.began_at)
    errand.state, errand.answer, errand.why, errand.done_at = state, answer, why, timezone.now()
    ended = mine.update(state=state, answer=answer, why=errand.why, done_at=errand.done_at)
    return bool(ended)


def _socket_path(written: str) -> str:
    try:
        found = json.loads(written or "{}")
    except ValueError:
        return ""
    return str(found.get("socket-name", "")) if isinstance(found, dict) else ""


def _config(server: Server) -> str:
    return places_of(server.kind, server.version, config=server.config_path).config


def _defaults(seen: dict[str, SeenFile]) -> ServerDefaults:
    return server_defaults(_text(seen.get(SERVER_DEFAULTS)) or "")


def _config_in_use(server: Server, seen: dict[str, SeenFile]) -> str:
    """What people said goes before what the start script is told."""
    told = _defaults(seen)
    named = told.config6 if server.version == 6 else told.config4
    return named if named.startswith("/") and not server.config_path else _config(server)


def _text(seen: SeenFile | None) -> str | None:
    return None if seen is None or seen.content is None else seen.content.decode("utf-8", "surrogateescape")
