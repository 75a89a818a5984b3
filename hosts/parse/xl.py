"""`xl info`, `xl list`, `xl dmesg` and `xl pci-assignable-list` (also their xm ancestors) to Xen facts."""

from __future__ import annotations

import re

from hosts.facts.report import XenDomain, XenInfo, XenLog
from hosts.parse.lspci import SLOT, full_slot
from hosts.parse.reading import decimal, first_values, whole

_DOMAIN = re.compile(r"(\S.*?)\s+(\d+)\s+(\d+)\s+(\d+)\s+([-rbpscdi]{5,8})\s+(\d+(?:\.\d+)?)")
_INFO_LINE = re.compile(r"^([a-z][a-z0-9_]*)[ \t]*:[ \t]?(.*)$", re.MULTILINE)
_ASSIGNABLE = re.compile(rf"\s*({SLOT})(?:\s+.*)?\s*")

_MATTERS = re.compile(
    r"Command line:|Kdump:|I/O virtuali[sz]ation|VT-d|AMD-Vi|IOMMU|iommu|DMAR|IVRS|Interrupt [Rr]emapping"
    r"|Queued Invalidation|queue invalidate|Latest ChangeSet|Xen version|Xen WARN|Xen BUG|[Pp]anic|FATAL"
    r"|Hardware Dom0|HVM:|Machine check|MCE|CPU hotplug|Out of memory"
)
_TROUBLE = re.compile(
    r"queue invalidate wait descriptor|Xen (?:WARN|BUG)\b|[Pp]anic on CPU|FATAL|Fault|FAULT|DISABLED \(failed|failed to"
    r"|I/O virtualisation disabled|Machine check|Firmware Bug|Out of memory"
)
_KEPT_LINES = 200


def xl_info(text: str) -> XenInfo | None:
    """`key : value` lines; None where not one of Xen's own keys is there (an error message, another text)."""
    values = first_values((match[1], match[2].strip()) for match in _INFO_LINE.finditer(text))
    if not any(key in values for key in ("xen_version", "xen_major", "xen_caps", "virt_caps")):
        return None
    numbers = {key: max(whole(value) or 0, 0) for key, value in values.items()}
    return XenInfo(
        host=values.get("host", ""),
        release=values.get("release", ""),
        version=values.get("xen_version") or _version(values),
        command_line=values.get("xen_commandline", ""),
        scheduler=values.get("xen_scheduler", ""),
        cpus=numbers.get("nr_cpus", 0),
        sockets=_sockets(numbers),
        cores_per_socket=numbers.get("cores_per_socket", 0),
        threads_per_core=numbers.get("threads_per_core", 0),
        total_memory_mib=numbers.get("total_memory", 0),
        free_memory_mib=numbers.get("free_memory", 0),
        virt_caps=tuple(values.get("virt_caps", "").split()),
        xen_caps=tuple(values.get("xen_caps", "").split()),
        values=tuple(values.items()),
    )


def _version(values: dict[str, str]) -> str:
    """4 + 17 + .3 -> 4.17.3: versions before 4.? print only the parts."""
    parts = values.get("xen_major", ""), values.get("xen_minor", "")
    return ".".join(part for part in parts if part) + values.get("xen_extra", "") if all(parts) else ""


def _sockets(numbers: dict[str, int]) -> int:
    """xl prints no sockets: cpus / (cores per socket * threads per core)."""
    if numbers.get("sockets_per_node"):
        return numbers["sockets_per_node"] * max(numbers.get("nr_nodes", 1), 1)
    per_socket = numbers.get("cores_per_socket", 0) * numbers.get("threads_per_core", 0)
    return numbers.get("nr_cpus", 0) // per_socket if per_socket else 0


def xl_list(text: str) -> tuple[XenDomain, ...]:
    """Domains, dom0 first as printed; the heading and what is no domain is left out."""
    return tuple(
        XenDomain(
            name=match[1],
            id=whole(match[2]) or 0,
            memory_mib=whole(match[3]) or 0,
            vcpus=whole(match[4]) or 0,
            state=match[5].strip("-"),
            cpu_seconds=decimal(match[6]) or 0.0,
        )
        for line in text.splitlines()
        if len(line) < 1000 and (match := _DOMAIN.fullmatch(line.strip()))
    )


def xl_assignable(text: str) -> tuple[str, ...]:
    """Slots that can be given to a guest ("0000:03:10.0"); newer versions print a name or a blank behind."""
    return tuple(full_slot(match[1]) for line in text.splitlines() if (match := _ASSIGNABLE.fullmatch(line)))


def xl_dmesg(text: str) -> XenLog:
    """The hypervisor's log as far as it matters: command line, IOMMU, kexec area, and lines that mean trouble.

    The ring buffer forgets its beginning, so a line that is not there says nothing: None, not False.
    """
    lines = [line.strip() for line in text.splitlines()]
    said = [re.sub(r"^(?:\[[^\]]*\]\s*)?\(XEN\)\s*(?:\[[^\]]*\]\s*)?", "", line) for line in lines]
    return XenLog(
        command_line=_after(said, "Command line:"),
        iommu=_told(said, r"I/O virtuali[sz]ation (enabled|disabled)"),
        interrupt_remapping=_told(said, r".*[Ii]nterrupt [Rr]emapping (not enabled|enabled|disabled)"),
        queued_invalidation=_told(said, r".*Queued Invalidation (not enabled|enabled|disabled)"),
        kdump=_after(said, "Kdump:"),
        lines=tuple(line[:500] for line in said if _MATTERS.search(line))[-_KEPT_LINES:],
        trouble=tuple(dict.fromkeys(line[:500] for line in said if _TROUBLE.search(line)))[-_KEPT_LINES:],
    )


def _after(lines: list[str], head: str) -> str:
    return next((line[len(head) :].strip() for line in reversed(lines) if line.startswith(head)), "")


def _told(lines: list[str], pattern: str) -> bool | None:
    found = [match[1] for line in lines if (match := re.match(pattern, line))]
    return found[-1] == "enabled" if found else None
