"""/proc/cpuinfo to Cpu."""

from __future__ import annotations

from hosts.facts.hardware import Cpu
from hosts.parse.reading import first_values, pairs


def cpuinfo(text: str, iommu_groups: int | None = None) -> Cpu:
    """Counts and the first processor's model and flags; also of ARM, where "model name" and "flags" are missing.

    `virtualization` is vmx or svm as the kernel shows it: under Xen a dom0 hides the flag, `xl info` knows more.
    """
    every = list(pairs(text, ":"))
    first = first_values(every)
    flags = set((first.get("flags") or first.get("Features") or "").split())
    threads = sum(1 for key, value in every if key == "processor" and value.isdigit())
    sockets, cores = _topology(every)
    return Cpu(
        model=first.get("model name") or first.get("Model") or first.get("cpu") or "",
        vendor=first.get("vendor_id") or first.get("CPU implementer") or "",
        sockets=sockets or min(threads, 1),
        cores=cores or threads,
        threads=threads,
        virtualization=next((flag for flag in ("vmx", "svm") if flag in flags), ""),
        hypervisor="hypervisor" in flags,
        iommu_groups=iommu_groups,
    )


def _topology(every: list[tuple[str, str]]) -> tuple[int, int]:
    sockets: set[str] = set()
    cores: set[tuple[str, str]] = set()
    socket = ""
    for key, value in every:
        if key == "physical id":
            socket = value
            sockets.add(value)
        elif key == "core id":
            cores.add((socket, value))
    return len(sockets), len(cores)
