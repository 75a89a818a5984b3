"""Two reports of a host in, what differs between them out, in words for the history page.

Only what both reports could read is compared, volatile fields (uptime, free memory, load, used space) and interfaces
that come and go with guests are left out: so a timed-out tool is no change, and neither is time going by.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from hosts.facts.finding import FactChange
from hosts.facts.report import HostReport
from hosts.facts.words import gettext_noop, words

CHANGED = {
    ("system", "boot_id"): gettext_noop("The machine was started again."),
    ("system", "kernel"): gettext_noop("Kernel: %(before)s → %(after)s"),
    ("system", "os_name"): gettext_noop("System: %(before)s → %(after)s"),
    ("system", "hostname"): gettext_noop("Host name: %(before)s → %(after)s"),
    ("system", "command_line"): gettext_noop("Kernel command line: %(before)s → %(after)s"),
    ("system", "bios"): gettext_noop("Firmware: %(before)s → %(after)s"),
    ("system", "time_zone"): gettext_noop("Time zone: %(before)s → %(after)s"),
    ("cpu", "threads"): gettext_noop("Processors: %(before)s → %(after)s"),
    ("cpu", "model"): gettext_noop("Processor: %(before)s → %(after)s"),
    ("cpu", "iommu_groups"): gettext_noop("IOMMU groups: %(before)s → %(after)s"),
    ("memory", "total_bytes"): gettext_noop("Memory: %(before)s → %(after)s bytes"),
    ("memory", "swap_total_bytes"): gettext_noop("Swap: %(before)s → %(after)s bytes"),
    ("kdump", "crash_loaded"): gettext_noop("Crash kernel loaded: %(before)s → %(after)s"),
    ("kdump", "config.state"): gettext_noop("kdump-config: %(before)s → %(after)s"),
    ("reboot", "required"): gettext_noop("Reboot asked for: %(before)s → %(after)s"),
    ("reboot", "newest_kernel"): gettext_noop("Newest installed kernel: %(before)s → %(after)s"),
    ("xen", "role"): gettext_noop("Xen role: %(before)s → %(after)s"),
    ("xen", "info.version"): gettext_noop("Xen: %(before)s → %(after)s"),
    ("xen", "info.command_line"): gettext_noop("Xen command line: %(before)s → %(after)s"),
    ("services", "system_state"): gettext_noop("systemd says: %(before)s → %(after)s"),
}
"""Sentences for the fields people ask about; any other field is named as it is stored."""

_ANY_FIELD = gettext_noop("%(field)s: %(before)s → %(after)s")
_ITEM_NEW = gettext_noop("%(group)s %(subject)s is new")
_ITEM_GONE = gettext_noop("%(group)s %(subject)s is gone")
_ITEM_CHANGED = gettext_noop("%(group)s %(subject)s, %(field)s: %(before)s → %(after)s")

KEYS = {
    "Disk": "name", "FileSystem": "mount_point", "MdArray": "name", "ArrayMember": "device", "Nic": "pci.slot",
    "VirtualFunction": "index", "Link": "name", "Address": "address", "VfLink": "index", "Route": "interface",
    "XenDomain": "name", "Unit": "name", "Package": "name",
}  # fmt: skip
"""By what the items of a list are known again."""

_LONGEST = 300
_SKIP = frozenset({"values", "lines"})


def between(before: HostReport, after: HostReport) -> tuple[FactChange, ...]:
    """What changed, in the order of the report's groups; empty where nothing did."""
    found: list[FactChange] = []
    old, new = before.lasting, after.lasting
    for each in fields(HostReport):
        if not each.metadata.get("volatile"):
            found += _values(each.name, "", getattr(old, each.name), getattr(new, each.name))
    return tuple(found)


def _values(group: str, path: str, before: object, after: object) -> Iterator[FactChange]:
    if before == after or before is None or after is None:
        # A group, or a part of one, that only one of the two could read tells nothing. A plain value of None does.
        if before != after and not (_is_part(before) or _is_part(after)):
            yield _changed(group, path, before, after)
        return
    if is_dataclass(before) and is_dataclass(after):
        yield from _parts(group, path, before, after)
    elif isinstance(before, tuple) and isinstance(after, tuple) and _keyed((*before, *after)):
        yield from _items(group, path, before, after)
    else:
        yield _changed(group, path, before, after)


def _is_part(value: object) -> bool:
    return is_dataclass(value) or isinstance(value, tuple)


def _keyed(items: tuple[object, ...]) -> bool:
    return bool(items) and all(type(item).__name__ in KEYS for item in items)


def _parts(group: str, path: str, before: object, after: object) -> Iterator[FactChange]:
    for each in fields(before):  # type: ignore[arg-type]  # is_dataclass was asked
        if not each.metadata.get("volatile") and each.name not in _SKIP:
            here = f"{path}.{each.name}" if path else each.name
            yield from _values(group, here, getattr(before, each.name), getattr(after, each.name))


def _items(group: str, path: str, before: tuple[object, ...], after: tuple[object, ...]) -> Iterator[FactChange]:
    old, new = _by_key(before), _by_key(after)
    name = f"{group}.{path}" if path else group
    for key in old.keys() - new.keys():
        yield FactChange(group, key, words(_ITEM_GONE, group=name, subject=key))
    for key, item in new.items():
        if key not in old:
            yield FactChange(group, key, words(_ITEM_NEW, group=name, subject=key))
        else:
            yield from _item(group, name, key, old[key], item)


def _by_key(items: tuple[object, ...]) -> dict[str, object]:
    found: dict[str, object] = {}
    for item in items:
        value: object = item
        for part in KEYS[type(item).__name__].split("."):
            value = getattr(value, part)
        found.setdefault(str(value), item)
    return found


def _item(group: str, name: str, key: str, before: object, after: object) -> Iterator[FactChange]:
    for change in _parts(group, "", before, after):
        values = dict(change.words.values)
        if "field" in values:
            inner = values.get("subject")  # a list within a list: the functions of a port, the members of an array
            about = {"group": name, "subject": f"{key} {inner}" if inner else key}
            said = words(_ITEM_CHANGED, **({k: str(v) for k, v in values.items()} | about))
            yield FactChange(group, key, said)
        else:
            yield FactChange(group, f"{key} {change.subject}", change.words)


def _changed(group: str, path: str, before: object, after: object) -> FactChange:
    sentence = CHANGED.get((group, path))
    if sentence is None:
        return FactChange(
            group, path, words(_ANY_FIELD, field=path or group, before=_shown(before), after=_shown(after))
        )
    return FactChange(group, path, words(sentence, before=_shown(before), after=_shown(after)))


def _shown(value: object) -> str:
    if value is None or value in ("", ()):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
