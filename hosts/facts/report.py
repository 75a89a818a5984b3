"""The facts of one host at one time: what its own tools said, as one value that goes to JSON and back."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import Any

from hosts.facts.hardware import Cpu, Disk, FileSystem, Link, MdArray, Memory, Nic, Route
from hosts.facts.json_shape import VOLATILE, from_json, to_json
from hosts.facts.words import Words


@dataclass(frozen=True, slots=True)
class System:
    """Who the machine says it is. `kernel` is the release (uname -r), `virtualization` what
    systemd-detect-virt says ("none" on bare metal, empty where it could not be asked)."""

    hostname: str = ""
    os_id: str = ""
    os_name: str = ""
    os_version: str = ""
    os_codename: str = ""
    kernel: str = ""
    kernel_build: str = ""
    architecture: str = ""
    command_line: str = ""
    virtualization: str = ""
    vendor: str = ""
    product: str = ""
    serial: str = ""
    bios: str = ""
    time_zone: str = ""
    boot_id: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """Times and load when the facts were taken, all volatile. `epoch_seconds` is the host's own clock."""

    epoch_seconds: int | None = field(default=None, metadata=VOLATILE)
    uptime_seconds: float | None = field(default=None, metadata=VOLATILE)
    load: tuple[float, ...] = field(default=(), metadata=VOLATILE)
    synchronized: bool | None = field(default=None, metadata=VOLATILE)


@dataclass(frozen=True, slots=True)
class XenDomain:
    """A line of `xl list`."""

    name: str
    id: int = field(default=0, metadata=VOLATILE)
    memory_mib: int = 0
    vcpus: int = 0
    state: str = field(default="", metadata=VOLATILE)
    cpu_seconds: float = field(default=0.0, metadata=VOLATILE)


@dataclass(frozen=True, slots=True)
class XenInfo:
    """`xl info`. Memory in MiB as printed. `values` holds every line, also those without a field here."""

    host: str = ""
    release: str = ""
    version: str = ""
    command_line: str = ""
    scheduler: str = ""
    cpus: int = 0
    sockets: int = 0
    cores_per_socket: int = 0
    threads_per_core: int = 0
    total_memory_mib: int = 0
    free_memory_mib: int = field(default=0, metadata=VOLATILE)
    virt_caps: tuple[str, ...] = ()
    xen_caps: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = field(default=(), metadata=VOLATILE)


@dataclass(frozen=True, slots=True)
class XenLog:
    """What matters in `xl dmesg`. `iommu` None: the ring buffer no longer holds the boot. `kdump` is the
    hypervisor's own reservation, e.g. "256MB (262144kB) at 0x46db29000" or "DISABLED (...)"."""

    command_line: str = ""
    iommu: bool | None = None
    interrupt_remapping: bool | None = None
    queued_invalidation: bool | None = None
    kdump: str = ""
    lines: tuple[str, ...] = field(default=(), metadata=VOLATILE)
    trouble: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Xen:
    """`role` is dom0, domU or none. The rest is known on a dom0 to root; None where it could not be read."""

    role: str = "none"
    info: XenInfo | None = None
    domains: tuple[XenDomain, ...] | None = None
    log: XenLog | None = None
    assignable: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class KdumpConfig:
    """`kdump-config show`. `ready` None: it does not say. `links` are (kernel, initrd, debug kernel) lines."""

    use_kdump: bool | None = None
    state: str = ""
    ready: bool | None = None
    core_dir: str = ""
    sysctl: str = ""
    crashkernel_address: str = ""
    kernel: str = ""
    initrd: str = ""
    kexec_command: str = ""
    remarks: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Kdump:
    """Whether a crash would be caught. `crash_loaded` is what the kernel says (on a dom0: the hypervisor, asked
    by `kexec -S`), `crashkernel` the arguments of the Linux command line, `reserved_bytes` the kernel's own
    reservation. `config` None: kdump-config is not installed or could not be asked."""

    crash_loaded: bool | None = None
    crashkernel: tuple[str, ...] = ()
    reserved_bytes: int | None = None
    config: KdumpConfig | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """A systemd unit; `active` active/inactive/failed/..., `sub` running/exited/dead/..., `enabled` what its unit file
    says: enabled, disabled, static, masked... or empty where that was not asked."""

    name: str
    load: str = ""
    active: str = ""
    sub: str = ""
    description: str = ""
    enabled: str = ""


@dataclass(frozen=True, slots=True)
class Services:
    """`manager` is systemd, or "processes" where only the process list could be read. `units` are those of
    interest, `failed` the names of all failed ones."""

    manager: str = ""
    system_state: str = ""
    units: tuple[Unit, ...] = ()
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package of interest."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Reboot:
    """Whether the machine waits for a reboot and why: its own flag, its packages, or a newer kernel in /boot."""

    required: bool = False
    packages: tuple[str, ...] = ()
    running_kernel: str = ""
    newest_kernel: str = ""

    @property
    def pending(self) -> bool:
        """True where the flag is set or a newer kernel waits."""
        return self.required or bool(self.newest_kernel and self.newest_kernel != self.running_kernel)


@dataclass(frozen=True, slots=True)
class Gap:
    """A section that could not be read: `why` is absent (`detail` names the tool or file), needs_root, failed
    (`detail` is what the tool said), timed_out, cut or missing."""

    section: str
    why: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class HostReport:
    """All facts of a host at one time. A group that could not be read is None (and named in `gaps`), one that was
    read and is empty is empty. `damage` says what was wrong with the printed report itself."""

    system: System | None = None
    clock: Clock | None = None
    cpu: Cpu | None = None
    memory: Memory | None = None
    disks: tuple[Disk, ...] | None = None
    file_systems: tuple[FileSystem, ...] | None = None
    arrays: tuple[MdArray, ...] | None = None
    nics: tuple[Nic, ...] | None = None
    links: tuple[Link, ...] | None = None
    default_routes: tuple[Route, ...] | None = None
    xen: Xen | None = None
    kdump: Kdump | None = None
    services: Services | None = None
    packages: tuple[Package, ...] | None = None
    reboot: Reboot | None = None
    as_root: bool = field(default=False, metadata=VOLATILE)
    complete: bool = field(default=True, metadata=VOLATILE)
    gaps: tuple[Gap, ...] = field(default=(), metadata=VOLATILE)
    damage: tuple[Words, ...] = field(default=(), metadata=VOLATILE)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values for a JSONField; `from_json` gives the same report back."""
        shape: dict[str, Any] = to_json(self)
        return shape

    @classmethod
    def from_json(cls, data: object) -> HostReport:
        """The report of `as_json()`, also of an older or newer panel's. Raises UnreadableFacts."""
        return from_json(cls, data)

    @property
    def digest(self) -> str:
        """sha256 (hex) over what does not change by itself: equal digests, nothing to add to the history."""
        shape = to_json(self.lasting, volatile=False)
        return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()

    @property
    def lasting(self) -> HostReport:
        """The report without what comes and goes by itself: guests' interfaces, temporary addresses (RFC 8981) and
        loop devices."""
        links = [
            replace(link, addresses=tuple(each for each in link.addresses if not each.temporary))
            for link in self.links or ()
            if not link.ephemeral
        ]
        disks = [disk for disk in self.disks or () if disk.kind != "loop"]
        return replace(
            self,
            links=None if self.links is None else tuple(links),
            disks=None if self.disks is None else tuple(disks),
        )
