"""`lspci -vmm` in all its variants (-D, -n, -nn, -k), plain `lspci`, and the script's own walk over sysfs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from hosts.facts.hardware import Nic, PciDevice, SrIov, VirtualFunction
from hosts.parse.reading import first_values, pairs, whole

SLOT = r"(?:[0-9a-fA-F]{4,8}:)?[0-9a-fA-F]{2}:[01][0-9a-fA-F]\.[0-7]"
_SLOT = re.compile(SLOT)
_NAMED = re.compile(r"(.*?)\s*\[([0-9a-fA-F]{4})\]")
_ID = re.compile(r"[0-9a-fA-F]{4}")
_UNKNOWN = re.compile(r"(?:Class|Vendor|Device|SVendor|SDevice) ([0-9a-fA-F]{4})")
_NAMELESS = frozenset({"Class", "Vendor", "Device", "SVendor", "SDevice", "Subsystem"})
"""What stands for a name that pci.ids does not have."""
_PLAIN = re.compile(rf"({SLOT}) (.+?)(?: \[([0-9a-f]{{4}})\])?: (.+)")
_BEHIND = re.compile(r"(.*?)(?: \[?([0-9a-f]{4}):([0-9a-f]{4})\]?)?(?: \(rev (\w+)\))?(?: \(prog-if (\w+).*\))?")


def full_slot(slot: str) -> str:
    """The slot in lower case with its domain: "03:10.0" -> "0000:03:10.0"."""
    slot = slot.lower()
    return slot if slot.count(":") == 2 else f"0000:{slot}"


def lspci(text: str) -> tuple[PciDevice, ...]:
    """The records of `lspci -vmm`; one without a readable slot is left out."""
    return tuple(device for block in _records(text) if (device := _device(block)))


def _records(text: str) -> Iterator[list[tuple[str, str]]]:
    """Records are parted by an empty line; a new Slot tag begins one as well (a lost empty line)."""
    block: list[tuple[str, str]] = []
    for line in text.splitlines():
        tag, found, value = line.partition(":")
        # The very old `lspci -vm` calls the slot "Device" as well; its second Device is the device's name.
        if not line.strip() or (tag == "Slot" and block):
            if block:
                yield block
            block = []
        if found and line.strip():
            block.append((tag.strip(), value.strip()))
    if block:
        yield block


def _device(block: list[tuple[str, str]]) -> PciDevice | None:
    if len(block) > 1 and block[0][0] == "Device" and _SLOT.fullmatch(block[0][1]):
        block = [("Slot", block[0][1]), *block[1:]]
    values = first_values(block)
    slot = values.get("Slot", "")
    if not _SLOT.fullmatch(slot):
        return None
    class_name, class_id = _name_and_id(values.get("Class", ""))
    vendor, vendor_id = _name_and_id(values.get("Vendor", ""))
    device, device_id = _name_and_id(values.get("Device", ""))
    subsystem_vendor, subsystem_vendor_id = _name_and_id(values.get("SVendor", ""))
    subsystem, subsystem_id = _name_and_id(values.get("SDevice", ""))
    return PciDevice(
        slot=full_slot(slot),
        class_name=class_name,
        class_id=class_id,
        vendor=vendor,
        vendor_id=vendor_id,
        device=device,
        device_id=device_id,
        subsystem_vendor=subsystem_vendor,
        subsystem_vendor_id=subsystem_vendor_id,
        subsystem=subsystem,
        subsystem_id=subsystem_id,
        physical_slot=values.get("PhySlot", ""),
        revision=values.get("Rev", ""),
        programming_interface=values.get("ProgIf", ""),
        driver=values.get("Driver", ""),
        modules=tuple(value for tag, value in block if tag == "Module"),
        numa_node=whole(values.get("NUMANode", "")),
        iommu_group=whole(values.get("IOMMUGroup", "")),
    )


def _name_and_id(value: str) -> tuple[str, str]:
    """ "Intel Corporation [8086]" (-nn), "Intel Corporation", "8086" (-n), or "Vendor 8086" (not in pci.ids)."""
    if match := _NAMED.fullmatch(value):
        return "" if match[1] in _NAMELESS else match[1], match[2].lower()
    if match := _UNKNOWN.fullmatch(value):
        return "", match[1].lower()
    if _ID.fullmatch(value):
        return "", value.lower()
    return value, ""


def lspci_plain(text: str) -> tuple[PciDevice, ...]:
    """One line per device, as `lspci`, `lspci -nn` and `lspci -n` print without -m. Names of vendor and device are one
    text there, given as `device`."""
    lines = (line.strip() for line in text.splitlines() if len(line) < 1000)
    return tuple(_plain_device(match) for line in lines if (match := _PLAIN.fullmatch(line)))


def _plain_device(match: re.Match[str]) -> PciDevice:
    class_name, class_id = _name_and_id(match[2])
    rest = _BEHIND.fullmatch(" " + match[4])
    name, vendor_id, device_id, revision, interface = rest.groups() if rest else (match[4], *[None] * 4)
    return PciDevice(
        slot=full_slot(match[1]),
        class_name=class_name,
        class_id=match[3] or class_id,
        device=(name or "").strip(),
        vendor_id=vendor_id or "",
        device_id=device_id or "",
        revision=revision or "",
        programming_interface=interface or "",
    )


def nics(sysfs: str, devices: Iterable[PciDevice] = ()) -> tuple[Nic, ...]:
    """Network functions from the script's sysfs walk (blocks of key=value that begin with `slot`), with the names
    that lspci knows where it was there. Without the walk: lspci's network class alone, without SR-IOV numbers."""
    named = {device.slot: device for device in devices}
    walked = [_nic(block, named) for block in _sysfs_blocks(sysfs)]
    known = {nic.pci.slot for nic in walked}
    rest = [Nic(device) for device in named.values() if is_network(device) and device.slot not in known]
    return tuple(sorted((*walked, *rest), key=lambda nic: nic.pci.slot))


def is_network(device: PciDevice) -> bool:
    """PCI base class 02."""
    if device.class_id:
        return device.class_id.startswith("02")
    return device.class_name in {"Ethernet controller", "Network controller", "Infiniband controller"}


def _sysfs_blocks(text: str) -> Iterator[list[tuple[str, str]]]:
    block: list[tuple[str, str]] = []
    for key, value in pairs(text, "="):
        if key == "slot":
            if block:
                yield block
            block = [(key, value)] if _SLOT.fullmatch(value) else []
        elif block:
            block.append((key, value))
    if block:
        yield block


def _nic(block: list[tuple[str, str]], named: dict[str, PciDevice]) -> Nic:
    values = first_values(block)
    slot = full_slot(values["slot"])
    group = whole(values.get("iommu_group", ""))
    pci = replace(
        named.get(slot, PciDevice(slot)),
        class_id=_hex4(values.get("class", "")),
        vendor_id=_hex4(values.get("vendor", "")),
        device_id=_hex4(values.get("device", "")),
        subsystem_vendor_id=_hex4(values.get("subsystem_vendor", "")),
        subsystem_id=_hex4(values.get("subsystem_device", "")),
        driver=values.get("driver", ""),
        numa_node=None if (node := whole(values.get("numa_node", ""))) == -1 else node,
        iommu_group=group if group is not None else getattr(named.get(slot), "iommu_group", None),
    )
    return Nic(
        pci=pci,
        interfaces=tuple(value for key, value in block if key == "interface"),
        physical_function=values.get("physfn", ""),
        sriov=_sriov(block, values),
    )


def _hex4(value: str) -> str:
    """ "0x020000" -> "0200", "0x8086" -> "8086"."""
    digits = value.lower().removeprefix("0x")
    return digits[:4] if re.fullmatch(r"[0-9a-f]{4,6}", digits) else ""


def _sriov(block: list[tuple[str, str]], values: dict[str, str]) -> SrIov | None:
    total = whole(values.get("sriov_totalvfs", ""))
    if total is None:
        return None
    autoprobe = values.get("sriov_drivers_autoprobe", "")
    functions = [_virtual_function(value) for key, value in block if key == "virtfn"]
    return SrIov(
        total_vfs=total,
        num_vfs=whole(values.get("sriov_numvfs", "")) or 0,
        offset=whole(values.get("sriov_offset", "")),
        stride=whole(values.get("sriov_stride", "")),
        vf_device_id=values.get("sriov_vf_device", "").lower(),
        drivers_autoprobe={"1": True, "0": False}.get(autoprobe),
        virtual_functions=tuple(sorted((each for each in functions if each), key=lambda each: each.index)),
    )


def _virtual_function(value: str) -> VirtualFunction | None:
    """ "0 0000:03:10.0 pciback": index, slot, driver (may be missing)."""
    index, _, rest = value.partition(" ")
    slot, _, driver = rest.partition(" ")
    number = whole(index)
    if number is None or not _SLOT.fullmatch(slot):
        return None
    return VirtualFunction(number, full_slot(slot), driver)
