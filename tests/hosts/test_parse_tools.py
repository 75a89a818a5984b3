"""Each tool's own output in, facts out; the goldens are named after their story."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosts.parse.cpuinfo import cpuinfo
from hosts.parse.disks import df
from hosts.parse.ip_json import ip_links
from hosts.parse.kdump import crashkernel, kdump_config
from hosts.parse.kernels import newest
from hosts.parse.lspci import lspci, lspci_plain
from hosts.parse.mdstat import mdstat
from hosts.parse.os_release import os_release
from hosts.parse.xl import xl_dmesg, xl_info, xl_list

GOLDEN = Path(__file__).parent / "golden"


def golden(name: str) -> str:
    return (GOLDEN / name).read_text()


def test_arrays_tell_what_is_missing_and_how_far_the_rebuild_is() -> None:
    arrays = {array.name: array for array in mdstat(golden("mdstat_degraded_and_rebuilding.txt"))}
    assert list(arrays) == ["md2", "md1", "md0", "md127", "md9"]
    rebuilding = arrays["md2"]
    assert (rebuilding.level, rebuilding.wanted, rebuilding.working, rebuilding.marks) == ("raid5", 4, 3, "_UUU")
    assert (rebuilding.action, rebuilding.progress_percent, rebuilding.finish_minutes) == ("recovery", 12.6, 201.4)
    assert rebuilding.speed_kib_per_second == 141180
    assert rebuilding.bitmap
    assert [(member.device, member.slot, member.state) for member in rebuilding.members] == [
        ("sdd1", 4, "active"), ("sdc1", 2, "active"), ("sdb1", 1, "active"), ("sda1", 0, "faulty"),
    ]  # fmt: skip
    assert [name for name, array in arrays.items() if array.degraded] == ["md2", "md1"]
    assert (arrays["md0"].access, arrays["md0"].level) == ("auto-read-only", "raid1")
    assert (arrays["md0"].action, arrays["md0"].action_state) == ("resync", "pending")
    assert (arrays["md127"].state, arrays["md127"].level, arrays["md127"].members[0].state) == ("inactive", "", "spare")
    assert arrays["md9"].wanted is None


def test_no_array_is_an_empty_list() -> None:
    assert mdstat("Personalities : \nunused devices: <none>\n") == ()


def test_xl_info_is_read() -> None:
    info = xl_info(golden("xl_info_4_17.txt"))
    assert info is not None
    assert (info.version, info.sockets, info.total_memory_mib) == ("4.17.3", 1, 65433)
    assert "hvm_directio" not in info.virt_caps
    assert info.command_line == "placeholder dom0_mem=2G,max:3G iommu=1 no-real-mode edd=off"
    assert dict(info.values)["build_id"] == "0e9a1b2c"


def test_an_error_message_of_xl_is_no_info() -> None:
    assert xl_info("xc: error: Could not obtain handle on privileged command interface: No such file") is None


def test_an_old_xm_version_is_put_together() -> None:
    info = xl_info("xen_major              : 4\nxen_minor              : 1\nxen_extra              : .4\n")
    assert info is not None
    assert info.version == "4.1.4"


def test_domains_with_blanks_in_their_names_are_read() -> None:
    (domain,) = xl_list("Name    ID Mem VCPUs State Time(s)\nmy web 1   12   512     2     -b----   1034.7\n")
    assert (domain.name, domain.id, domain.vcpus, domain.state) == ("my web 1", 12, 2, "b")


def test_the_hypervisors_log_tells_iommu_kdump_and_trouble() -> None:
    log = xl_dmesg(
        "(XEN) Command line: placeholder crashkernel=256M dom0_mem=2G\n(XEN) Kdump: 256MB (262144kB) at 0x46db29000\n"
        "(XEN) [    1.5] Intel VT-d Interrupt Remapping enabled.\n(XEN) I/O virtualisation enabled\n"
        "(XEN) Panic on CPU 0:\n(XEN) queue invalidate wait descriptor was not executed\n(XEN) d1v0 hello\n"
    )
    assert (log.iommu, log.interrupt_remapping, log.queued_invalidation) == (True, True, None)
    assert log.kdump == "256MB (262144kB) at 0x46db29000"
    assert log.command_line.startswith("placeholder crashkernel=256M")
    assert len(log.trouble) == 2


def test_kdump_of_bookworm_is_read() -> None:
    config = kdump_config(golden("kdump_config_show_bookworm.txt"))
    assert config is not None
    assert (config.use_kdump, config.ready, config.crashkernel_address) == (True, False, "0x2a000000")
    assert config.kernel == "/boot/vmlinuz-6.1.0-18-amd64"
    assert config.initrd == "/var/lib/kdump/initrd.img-6.1.0-18-amd64"
    assert config.kexec_command == "no kexec command recorded"


def test_kdump_of_jessie_with_an_empty_address_is_read() -> None:
    config = kdump_config(
        "USE_KDUMP:        1\nKDUMP_COREDIR:    /var/crash\ncrashkernel addr:\ncurrent state:    Ready to kdump\n\n"
        "kernel link:\n  /usr/lib/debug/boot/vmlinux-3.16.0-4-amd64\n\nkexec command:\n"
        '  /sbin/kexec -p --command-line="ro quiet: x" /boot/vmlinuz\n'
        "# kdump-config load\n[ ok ] loaded kdump kernel.\n"
    )
    assert config is not None
    assert (config.ready, config.crashkernel_address) == (True, "")
    assert config.kernel == "/usr/lib/debug/boot/vmlinux-3.16.0-4-amd64"
    assert config.kexec_command.endswith("/boot/vmlinuz")
    assert config.remarks == ("[ ok ] loaded kdump kernel.",)


def test_every_crashkernel_argument_is_kept_in_order() -> None:
    assert crashkernel("ro crashkernel=256M quiet crashkernel=384M-:128M") == ("256M", "384M-:128M")


def test_links_of_bridge_vlan_and_old_iproute2_are_read() -> None:
    links, whole = ip_links(golden("ip_link_bridge_vlan_and_old_vf.json"))
    assert whole
    port, bridge, vlan = links
    assert (port.mac, port.master, port.member_kind, port.alternative_names) == (
        "00:16:3e:00:00:01", "xenbr0", "bridge", ("enp3s0f0",),
    )  # fmt: skip
    assert bridge.kind == "bridge"
    assert (vlan.kind, vlan.vlan, vlan.parent) == ("vlan", 20, "xenbr0")
    first, second = port.vfs
    assert (first.vlan, first.qos, first.max_tx_rate, first.spoof_check, first.trust) == (100, 3, 500, True, False)
    assert (second.mac, second.spoof_check) == ("00:00:00:00:00:00", None)


def test_names_and_ids_of_a_device_are_apart() -> None:
    card, function = lspci(golden("lspci_vmmnnk_igb.txt"))
    assert (card.vendor, card.vendor_id, card.device_id, card.driver) == ("Intel Corporation", "8086", "10c9", "igb")
    assert (card.physical_slot, card.numa_node, card.iommu_group) == ("4", 0, 17)
    assert (function.slot, function.driver, function.modules) == ("0000:03:10.0", "pciback", ("igbvf",))


@pytest.mark.parametrize(
    ("text", "vendor", "ids"),
    [
        ("Slot:\t03:00.0\nClass:\t0200\nVendor:\t8086\nDevice:\t10c9\n", "", ("0200", "8086", "10c9")),
        (
            "Slot:\t03:00.0\nClass:\tClass 0200\nVendor:\tVendor 8086\nDevice:\tDevice 10c9\n",
            "",
            ("0200", "8086", "10c9"),
        ),
        ("Device:\t03:00.0\nClass:\tEthernet controller\nVendor:\tIntel\nDevice:\t82576\n", "Intel", ("", "", "")),
    ],
    ids=["numbers only", "not in pci.ids", "the old -vm"],
)
def test_variants_of_lspci_are_read(text: str, vendor: str, ids: tuple[str, str, str]) -> None:
    (device,) = lspci(text)
    assert device.slot == "0000:03:00.0"
    assert (device.vendor, (device.class_id, device.vendor_id, device.device_id)) == (vendor, ids)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("03:10.0 Ethernet controller: Intel Corporation 82576 Virtual Function (rev 01)",
         ("Ethernet controller", "", "Intel Corporation 82576 Virtual Function", "", "01")),
        ("03:10.0 Ethernet controller [0200]: Intel 82576 [8086:10ca] (rev 01)",
         ("Ethernet controller", "0200", "Intel 82576", "10ca", "01")),
        ("03:10.0 0200: 8086:10ca (rev 01)", ("", "0200", "", "10ca", "01")),
        ("00:1f.2 SATA controller: Intel C600 (prog-if 01 [AHCI 1.0])", ("SATA controller", "", "Intel C600", "", "")),
    ],
    ids=["names", "names and numbers", "numbers", "programming interface"],
)  # fmt: skip
def test_plain_lines_of_lspci_are_read(line: str, expected: tuple[str, ...]) -> None:
    (device,) = lspci_plain(line)
    assert (device.class_name, device.class_id, device.device, device.device_id, device.revision) == expected


@pytest.mark.parametrize(
    ("running", "kernels", "expected"),
    [
        ("6.1.0-9-amd64", ["6.1.0-9-amd64", "6.1.0-18-amd64"], "6.1.0-18-amd64"),
        ("6.1.0-18-amd64", ["6.1.0-18-amd64", "6.5.0-1-cloud-amd64"], "6.1.0-18-amd64"),
        ("6.1.0-18-amd64", ["6.1.0-18-amd64", "6.9.0-rescue", "6.9.0-1-amd64.bak"], "6.1.0-18-amd64"),
        ("6.10.0~rc1-amd64", ["6.10.0~rc1-amd64", "6.10.0-amd64"], "6.10.0-amd64"),
        ("6.18.1-custom", ["6.1.0-18-amd64"], ""),
    ],
    ids=["numbers are numbers", "another flavour", "what is no kernel", "a candidate is older", "a container"],
)
def test_the_newest_kernel_is_found(running: str, kernels: list[str], expected: str) -> None:
    assert newest(running, kernels) == expected


def test_os_release_is_unquoted() -> None:
    text = '# c\nNAME=\'A "b"\'\nPRETTY_NAME="Say \\"hi\\" \\$5"\nID=debian\nID=second\n'
    assert os_release(text) == {"NAME": 'A "b"', "PRETTY_NAME": 'Say "hi" $5', "ID": "debian"}


def test_processors_are_counted_by_socket_and_core() -> None:
    blocks = [f"processor : {n}\nphysical id : {n // 4}\ncore id : {n % 4 // 2}\n" for n in range(8)]
    cpu = cpuinfo("flags : vmx fpu\n" + "\n".join(blocks))
    assert (cpu.sockets, cpu.cores, cpu.threads, cpu.virtualization) == (2, 4, 8, "vmx")


def test_df_without_types_and_with_a_bind_mount() -> None:
    text = (
        "Filesystem 1024-blocks Used Available Capacity Mounted on\n"
        "/dev/sda1 100 50 50 50% /\n/dev/sda1 100 50 50 50% /srv/bind\ntmpfs 5 0 5 0% /tmp\n"
    )
    assert [(system.mount_point, system.used_bytes) for system in df(text)] == [("/", 51200)]
