"""Classes and subclasses in, Kea's "client-classes" out."""

from __future__ import annotations

from typing import Any, Protocol

from dhcp.facts.options import OptionKind
from dhcp.facts.server import Boot, ClientClass, LeaseTimes, Server, Settings, Subclass
from dhcp.render.kea_members import member
from dhcp.render.kea_tests import HARDWARE, condition, data_test

Json = dict[str, Any]


class Remembers(Protocol):
    """What the writer of the whole file offers."""

    version: int
    custom: dict[str, OptionKind]

    def leave(self, within: str, text: str) -> None:
        """Remember what Kea cannot be told."""

    def settings(self, settings: Settings, within: str) -> Json:
        """Times, boot files and options of one level."""


def client_classes(server: Server, writer: Remembers) -> list[Json]:
    """Those that others name come first. Machines that boot differently by architecture get a class for each kind."""
    made: list[Json] = []
    for each in server.classes:
        inner = [sub for sub in server.subclasses if sub.of == each.name]
        found = [_subclass(each, sub, number, writer) for number, sub in enumerate(inner, 1)]
        made += found
        made.append(_class(each, [sub["name"] for sub in found if "test" in sub], writer))
    for code, filename in server.settings.boot.by_architecture if writer.version == 4 else ():
        made.append(
            {"name": f"architecture {code}", "test": f"option[93].hex == 0x{code:04x}", "boot-file-name": filename}
        )
    return made


def _class(each: ClientClass, inner: list[str], writer: Remembers) -> Json:
    made: Json = {"name": each.name, **_context(each.note, each.origin)}
    tests = [f"member('{name}')" for name in inner]
    for match in each.match:
        if match.lower().startswith("if "):
            found = condition(match[3:], writer.custom)
            if found is None:
                writer.leave(each.name, f"match {match}")
            else:
                tests.append(found)
    if each.lease_limit is not None:
        writer.leave(each.name, f"lease limit {each.lease_limit}")
    if each.spawn:
        writer.leave(each.name, f"spawn with {each.spawn}")
    test = each.test or (tests[0] if len(tests) == 1 else " or ".join(f"({one})" for one in tests))
    made |= {"test": test} if test else {}
    return made | _settings(each.settings, writer, each.name)


def _subclass(of: ClientClass, each: Subclass, number: int, writer: Remembers) -> Json:
    name = f"{each.of} {number}"
    made: Json = {"name": name, **_context(each.note, each.origin)}
    by = next((match for match in of.match if not match.lower().startswith("if ")), "")
    test = data_test(by, each.data, writer.custom)
    if test is None:
        writer.leave(each.of, f"subclass {each.data}")
    else:
        made["test"] = _by_mac(test)
    if each.lease_limit is not None:
        writer.leave(name, f"lease limit {each.lease_limit}")
    return made | _settings(each.settings, writer, name)


def _by_mac(test: str) -> str:
    """Data of `match hardware` begins with the kind of hardware, 1 for Ethernet: Kea has the address by itself."""
    head = f"{HARDWARE} == 0x01"
    return f"pkt4.mac == 0x{test.removeprefix(head)}" if test.startswith(head) else test


def _settings(settings: Settings, writer: Remembers, within: str) -> Json:
    boot = Boot(settings.boot.next_server, settings.boot.filename, settings.boot.server_name)
    kept = Settings(LeaseTimes(), boot, settings.options, settings.parameters, settings.raw)
    made = writer.settings(kept, within)
    for name in ("authoritative", "match-client-id"):
        made.pop(name, None)
    times = writer.settings(Settings(settings.times), within)
    made = {**times, **made} if writer.version == 4 else made
    return made | {one.name: member(one) for one in settings.kea}


def _context(note: str, origin: str) -> Json:
    said = {name: text for name, text in (("origin", origin), ("note", note)) if text}
    return {"user-context": said} if said else {}
