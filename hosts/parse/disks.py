"""`lsblk -J -b` and `df -P` to disks and file systems."""

from __future__ import annotations

import re
from dataclasses import replace

from hosts.facts.hardware import Disk, FileSystem
from hosts.parse.reading import (
    LARGEST,
    Record,
    json_records,
    records_of,
    text_of,
    texts_of,
    truth_of,
    whole,
    whole_of,
)

PSEUDO = frozenset(
    ["tmpfs", "devtmpfs", "overlay", "squashfs", "proc", "sysfs", "cgroup", "cgroup2", "devpts", "efivarfs", "ramfs",
     "autofs", "iso9660", "udf", "nsfs", "fuse.lxcfs"]
)  # fmt: skip
"""File system types whose fill is nobody's concern."""

_DEEPEST = 16


def lsblk(text: str) -> tuple[tuple[Disk, ...], bool]:
    """Disks, partitions and what lies on them, each once, and whether the JSON was whole.

    A device over several others (RAID, LVM) comes once for each of them in lsblk; here `parents` names them all.
    """
    tops, whole_json = json_records(text)
    found: dict[str, Disk] = {}
    for top in tops:
        for device in records_of(top, "blockdevices") or ([top] if "name" in top else []):
            _take(device, "", found, 0)
    return tuple(disk for disk in found.values() if not _empty(disk)), whole_json


def _take(device: Record, parent: str, found: dict[str, Disk], depth: int) -> None:
    name = text_of(device, "name")
    if not name or depth > _DEEPEST:
        return
    parents = (parent,) if parent else ()
    if name in found:
        known = found[name]
        found[name] = replace(known, parents=tuple(dict.fromkeys(known.parents + parents)))
    else:
        found[name] = _disk(device, parents)
    for child in records_of(device, "children"):
        _take(child, name, found, depth + 1)


def _disk(device: Record, parents: tuple[str, ...]) -> Disk:
    return Disk(
        name=text_of(device, "name"),
        kind=text_of(device, "type"),
        size_bytes=max(whole_of(device, "size") or 0, 0),
        model=text_of(device, "model").strip(),
        serial=text_of(device, "serial").strip(),
        transport=text_of(device, "tran"),
        rotational=truth_of(device, "rota"),
        read_only=truth_of(device, "ro"),
        file_system=text_of(device, "fstype"),
        mount_points=texts_of(device, "mountpoints") or texts_of(device, "mountpoint"),
        parents=parents,
    )


def _empty(disk: Disk) -> bool:
    """A loop or RAM device that holds nothing."""
    return disk.size_bytes == 0 and not disk.mount_points and disk.kind in {"loop", "disk"}


_LINE = re.compile(
    r"(?P<device>\S.*?)\s+(?:(?P<kind>[A-Za-z][\w.]*)\s+)?(?P<size>\d+)\s+(?P<used>\d+|-)\s+(?P<free>-?\d+|-)\s+"
    r"(?P<percent>\d+%|-)\s+(?P<mount>/.*)"
)


def df(text: str, inodes: str = "") -> tuple[FileSystem, ...]:
    """File systems of `df -PkT` (or without T), inode numbers of `df -Pi` added by mount point.

    Pseudo file systems are left out, and so is a second mount of the same device (bind mounts).
    """
    counted = {match["mount"]: match for match in _matches(inodes)}
    seen: set[str] = set()
    systems = []
    for match in _matches(text):
        device = match["device"]
        if _of_no_concern(match) or device in seen or whole(match["size"]) in {0, None}:
            continue
        if device.startswith("/"):
            seen.add(device)
        systems.append(_file_system(match, counted.get(match["mount"])))
    return tuple(systems)


def _of_no_concern(match: re.Match[str]) -> bool:
    """Pseudo file systems, what a container's manager mounts below /run, and overlays other than the root itself."""
    if match["mount"] == "/":
        return False
    pseudo = match["kind"] in PSEUDO or match["device"] in PSEUDO
    return pseudo or match["mount"].startswith(("/run/", "/sys/", "/proc/", "/dev/"))


def _matches(text: str) -> list[re.Match[str]]:
    return [match for line in text.splitlines() if len(line) < 5000 and (match := _LINE.fullmatch(line.strip()))]


def _file_system(match: re.Match[str], inodes: re.Match[str] | None) -> FileSystem:
    return FileSystem(
        mount_point=match["mount"],
        device=match["device"],
        kind=match["kind"] or "",
        size_bytes=_bytes(match["size"]),
        used_bytes=_bytes(match["used"]),
        available_bytes=_bytes(match["free"]),
        used_percent=whole(match["percent"].rstrip("%")),
        inodes=whole(inodes["size"]) if inodes else None,
        inodes_used_percent=whole(inodes["percent"].rstrip("%")) if inodes else None,
    )


def _bytes(kib: str) -> int:
    return min(max(whole(kib) or 0, 0) * 1024, LARGEST)
