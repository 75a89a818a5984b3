"""Any output that the panel can read, known by its content, to JSON objects: what `parse_facts` prints."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from hosts.errors import UnreadableFacts
from hosts.facts.json_shape import to_json
from hosts.facts.words import gettext_noop, words
from hosts.parse.cpuinfo import cpuinfo
from hosts.parse.disks import df, lsblk
from hosts.parse.frames import has_header
from hosts.parse.ip_json import ip_links
from hosts.parse.kdump import kdump_config, looks_like_kdump
from hosts.parse.lspci import SLOT, lspci, lspci_plain
from hosts.parse.mdstat import mdstat
from hosts.parse.meminfo import meminfo
from hosts.parse.os_release import os_release
from hosts.parse.report import host_report
from hosts.parse.xl import xl_dmesg, xl_info, xl_list

Rows = list[dict[str, Any]]

MOST_BYTES = 64 * 1024 * 1024
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


def fact_records(data: bytes) -> Rows:
    """One object per record in `data`, each with `record`: host_facts (one), lspci and link (one per device), mdstat
    (one per array), xl_info, kdump_config, and others of the same tools.

    Raises UnreadableFacts where it is none of them, is cut so that nothing is left, or larger than 64 MiB.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableFacts(
            words(gettext_noop("The file is larger than 64 MiB; no tool prints that much about a host."))
        )
    if has_header(data):
        report = host_report(data)
        shape = report.as_json()
        shape["damage"] = [str(said) for said in report.damage]
        return [{"record": "host_facts", **shape, "digest": report.digest}]
    text = _COLOUR.sub("", _text(data)).replace("\r\n", "\n")
    if not text.strip():
        raise UnreadableFacts(words(gettext_noop("The file is empty.")))
    if text.lstrip()[:1] in {"[", "{"}:
        read_json = next((read for key, read in _JSON.items() if f'"{key}"' in text), None)
        if read_json or _NOTHING.fullmatch(text):
            return read_json(text) if read_json else []
    # A transcript may hold the output of several tools; each reader picks its own lines.
    found = [row for looks, read in _KINDS if looks(text) for row in read(text)]
    if found or _NO_ARRAYS(text):
        return found
    raise UnreadableFacts(
        words(
            gettext_noop(
                "This is no output the panel knows: host facts, lspci -vmm, ip -j -d link, /proc/mdstat, xl "
                "info, kdump-config show."
            )
        )
    )


def _text(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return data.decode(encoding, "replace").replace("\0", "\ufffd")


def _rows(kind: str, items: object) -> Rows:
    return [{"record": kind, **row} for row in to_json(tuple(items) if isinstance(items, list | tuple) else (items,))]


def _lines(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.MULTILINE)
    return lambda text: compiled.search(text) is not None


def _links(text: str) -> Rows:
    links, whole = ip_links(text)
    rows = _rows("link", links)
    if not whole:
        rows.append(
            {"record": "link", "error": f"The JSON is cut off or broken; {len(links)} links before that were read."}
        )
    return rows


def _disks(text: str) -> Rows:
    disks, whole = lsblk(text)
    rows = _rows("disk", disks)
    return rows if whole else [*rows, {"record": "disk", "error": "The JSON is cut off or broken."}]


def _mdstat(text: str) -> Rows:
    arrays = mdstat(text)
    return [{**row, "degraded": array.degraded} for row, array in zip(_rows("mdstat", arrays), arrays, strict=True)]


def _lspci(text: str) -> Rows:
    rows = _rows("lspci", lspci(text))
    blocks = len(re.findall(r"^Slot:", text, re.MULTILINE))
    if blocks > len(rows):
        rows.append(
            {"record": "lspci", "error": f"{blocks - len(rows)} records have no readable slot and were left out."}
        )
    return rows


def _one(kind: str, read: Callable[[str], object]) -> Callable[[str], Rows]:
    def rows(text: str) -> Rows:
        found = read(text)
        if found is None:
            raise UnreadableFacts(
                words(gettext_noop("This looks like %(kind)s but holds none of its values."), kind=kind)
            )
        return _rows(kind, found)

    return rows


def _xl_info(text: str) -> Rows:
    info = xl_info(text)
    if info is None:
        raise UnreadableFacts(words(gettext_noop("This looks like xl info but holds none of its values.")))
    row = {"record": "xl_info", **to_json(info)}
    return [{**row, "values": dict(info.values)}]


def _kdump(text: str) -> Rows:
    config = kdump_config(text)
    if config is None:
        raise UnreadableFacts(words(gettext_noop("This looks like kdump-config show but holds none of its values.")))
    return [{"record": "kdump_config", **to_json(config), "values": dict(config.values)}]


_JSON: dict[str, Callable[[str], Rows]] = {"ifname": _links, "blockdevices": _disks}

# `ip -j` prints these where there is nothing.
_NOTHING = re.compile(r"\s*\[(?:\{\}(?:,\{\})*)?\]\s*")

_NO_ARRAYS = _lines(r"^Personalities :")
"""/proc/mdstat of a host without any array is nothing wrong."""

_KINDS: tuple[tuple[Callable[[str], bool], Callable[[str], Rows]], ...] = (
    (_lines(rf"^(?:Slot|Device):[ \t]*{SLOT}[ \t]*$"), _lspci),
    (_lines(r"^Personalities :|^md\S* : (?:active|inactive|broken)\b"), _mdstat),
    (looks_like_kdump, _kdump),
    (_lines(r"^(?:xen_version|xen_major|xen_caps|virt_caps)\s*:"), _xl_info),
    (_lines(r"^\s*(?:\[[^\]]*\]\s*)?\(XEN\)"), _one("xl_dmesg", xl_dmesg)),
    (_lines(r"^Name\s+ID\s+Mem\s+VCPUs"), lambda text: _rows("xl_list", xl_list(text))),
    (_lines(rf"^{SLOT} \S.*: "), lambda text: _rows("lspci", lspci_plain(text))),
    (_lines(r"^MemTotal:"), _one("meminfo", meminfo)),
    (_lines(r"^processor\s*:"), _one("cpuinfo", cpuinfo)),
    (_lines(r"^(?:Filesystem)\s.*Mounted on$"), lambda text: _rows("df", df(text))),
    (_lines(r"^(?:PRETTY_NAME|VERSION_ID|ID)="), lambda text: [{"record": "os_release", **os_release(text)}]),
)
