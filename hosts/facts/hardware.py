"""What a machine is made of: processor, memory, disks, arrays, network cards and links, as its tools tell it."""

from __future__ import annotations

from dataclasses import dataclass, field

from hosts.facts.json_shape import VOLATILE


@dataclass(frozen=True, slots=True)
class Cpu:
    """`threads` is what the kernel counts as CPUs (on a Xen dom0: its vCPUs). `virtualization` is the flag
    the kernel shows, `vmx`, `svm` or empty; `iommu_groups` None where sysfs could not be read."""

    model: str = ""
    vendor: str = ""
    sockets: int = 0
    cores: int = 0
    threads: int = 0
    virtualization: str = ""
    hypervisor: bool = False
    iommu_groups: int | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes, from /proc/meminfo."""

    total_bytes: int = 0
    available_bytes: int | None = field(default=None, metadata=VOLATILE)
    swap_total_bytes: int = 0
    swap_free_bytes: int | None = field(default=None, metadata=VOLATILE)


@dataclass(frozen=True, slots=True)
class Disk:
    """One line of lsblk: `kind` is disk, part, raid1, lvm, crypt, rom...; `parents` what it lies on."""

    name: str
    kind: str = ""
    size_bytes: int = 0
    model: str = ""
    serial: str = ""
    transport: str = ""
    rotational: bool | None = None
    read_only: bool | None = None
    file_system: str = ""
    mount_points: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileSystem:
    """One line of df. `used_percent` as df counts it: used / (used + available to users), rounded up."""

    mount_point: str
    device: str = ""
    kind: str = ""
    size_bytes: int = 0
    used_bytes: int = field(default=0, metadata=VOLATILE)
    available_bytes: int = field(default=0, metadata=VOLATILE)
    used_percent: int | None = field(default=None, metadata=VOLATILE)
    inodes: int | None = field(default=None, metadata=VOLATILE)
    inodes_used_percent: int | None = field(default=None, metadata=VOLATILE)


@dataclass(frozen=True, slots=True)
class ArrayMember:
    """A device of an md array; `state` is active, faulty, spare, write-mostly, journal or replacement."""

    device: str
    slot: int | None = None
    state: str = "active"


@dataclass(frozen=True, slots=True)
class MdArray:
    """One array of /proc/mdstat. `wanted`/`working` are the [2/1], `marks` the [U_]; `action` is resync,
    recovery, reshape, check or empty, with its `progress_percent`, or None when it is only waiting."""

    name: str
    state: str = ""
    level: str = ""
    access: str = ""
    members: tuple[ArrayMember, ...] = ()
    size_kib: int = 0
    metadata: str = ""
    wanted: int | None = None
    working: int | None = None
    marks: str = ""
    bitmap: bool = False
    action: str = ""
    action_state: str = field(default="", metadata=VOLATILE)
    progress_percent: float | None = field(default=None, metadata=VOLATILE)
    finish_minutes: float | None = field(default=None, metadata=VOLATILE)
    speed_kib_per_second: int | None = field(default=None, metadata=VOLATILE)

    @property
    def degraded(self) -> bool:
        """Whether a disk is missing or failed."""
        return "_" in self.marks or (
            self.wanted is not None and self.working is not None and self.working < self.wanted
        )


@dataclass(frozen=True, slots=True)
class PciDevice:
    """One record of `lspci -vmm`. Names and ids are apart: `vendor` "Intel Corporation", `vendor_id` "8086"."""

    slot: str
    class_name: str = ""
    class_id: str = ""
    vendor: str = ""
    vendor_id: str = ""
    device: str = ""
    device_id: str = ""
    subsystem_vendor: str = ""
    subsystem_vendor_id: str = ""
    subsystem: str = ""
    subsystem_id: str = ""
    physical_slot: str = ""
    revision: str = ""
    programming_interface: str = ""
    driver: str = ""
    modules: tuple[str, ...] = ()
    numa_node: int | None = None
    iommu_group: int | None = None


@dataclass(frozen=True, slots=True)
class VirtualFunction:
    """A VF as the kernel numbers it (`index` of virtfnN, not the order of addresses)."""

    index: int
    slot: str
    driver: str = ""


@dataclass(frozen=True, slots=True)
class SrIov:
    """The SR-IOV numbers of a physical function, from sysfs."""

    total_vfs: int = 0
    num_vfs: int = 0
    offset: int | None = None
    stride: int | None = None
    vf_device_id: str = ""
    drivers_autoprobe: bool | None = None
    virtual_functions: tuple[VirtualFunction, ...] = ()


@dataclass(frozen=True, slots=True)
class Nic:
    """A network card function: its PCI record, its interfaces, and either SR-IOV numbers (a physical function
    that can) or `physical_function` (a virtual function)."""

    pci: PciDevice
    interfaces: tuple[str, ...] = ()
    physical_function: str = ""
    sriov: SrIov | None = None


@dataclass(frozen=True, slots=True)
class VfLink:
    """A VF as its physical function's link shows it. None: the driver does not say. Rates in Mbit/s, 0 = no limit."""

    index: int
    mac: str = ""
    vlan: int = 0
    qos: int = 0
    vlan_protocol: str = ""
    max_tx_rate: int = 0
    min_tx_rate: int = 0
    spoof_check: bool | None = None
    trust: bool | None = None
    link_state: str = ""
    query_rss: bool | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """An address of an interface, `family` inet or inet6."""

    family: str
    address: str
    prefix_length: int = 0
    scope: str = ""
    dynamic: bool = False
    temporary: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A network interface. `kind` is bridge, bond, vlan, veth, tun... or empty; `parent` the one it lies on
    (VLAN), `master` the bridge or bond it belongs to; `speed_mbit` None where it has no carrier."""

    name: str
    index: int = 0
    mac: str = ""
    mtu: int = 0
    state: str = ""
    flags: tuple[str, ...] = ()
    link_type: str = ""
    kind: str = ""
    member_kind: str = ""
    master: str = ""
    parent: str = ""
    vlan: int | None = None
    alternative_names: tuple[str, ...] = ()
    alias: str = ""
    permanent_mac: str = ""
    parent_device: str = ""
    speed_mbit: int | None = None
    addresses: tuple[Address, ...] = ()
    vfs: tuple[VfLink, ...] = ()

    @property
    def ephemeral(self) -> bool:
        """Whether it comes and goes with a guest or container, so that history does not follow it."""
        return self.kind in {"veth", "tun"} or self.name.startswith(("vif", "tap", "veth"))


@dataclass(frozen=True, slots=True)
class Route:
    """A default route."""

    gateway: str = ""
    interface: str = ""
    metric: int = 0
    protocol: str = ""
