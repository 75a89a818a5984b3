"""A printed report in, facts out: whole, cut at any byte, mixed with anything."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hosts.errors import Explainable, UnreadableFacts
from hosts.facts.report import Gap, HostReport
from hosts.parse.records import fact_records
from hosts.parse.report import host_report

DOM0 = (Path(__file__).parent / "golden" / "dom0_with_sriov.facts").read_bytes()


def test_a_dom0_is_read_whole() -> None:
    report = host_report(DOM0)
    assert report.complete
    assert report.as_root
    assert report.damage == ()
    # df could not look at one mount; what it said of the others is kept.
    assert report.gaps == (Gap("df", "failed", "df: /mnt/dead: Stale file handle"),)
    assert report.system is not None
    assert (report.system.hostname, report.system.kernel, report.system.architecture) == (
        "xen01", "6.1.0-17-amd64", "x86_64",
    )  # fmt: skip
    assert report.system.kernel_build == "#1 SMP PREEMPT_DYNAMIC Debian 6.1.69-1 (2023-12-30)"
    assert report.system.virtualization == "none"
    assert report.cpu is not None
    assert (report.cpu.threads, report.cpu.hypervisor) == (2, True)
    assert report.memory is not None
    assert report.memory.total_bytes == 2_048_000_000


def test_virtual_functions_come_in_the_kernels_order_with_their_drivers() -> None:
    nics = host_report(DOM0).nics
    assert nics is not None
    card, function = nics
    assert card.sriov is not None
    assert [(vf.index, vf.slot, vf.driver) for vf in card.sriov.virtual_functions] == [
        (0, "0000:03:10.0", "pciback"),
        (1, "0000:03:10.2", "igbvf"),
    ]
    assert (card.pci.device, card.pci.device_id, card.interfaces) == (
        "82576 Gigabit Network Connection", "10c9", ("eth0",),
    )  # fmt: skip
    assert function.physical_function == "0000:03:00.0"


def test_links_are_joined_from_three_sources() -> None:
    links = host_report(DOM0).links
    assert links is not None
    assert [(link.name, link.speed_mbit, [each.address for each in link.addresses]) for link in links] == [
        ("eth0", 1000, ["192.0.2.10"]),
        ("vif3.0", None, []),
    ]


def test_a_device_over_two_disks_is_there_once_with_both() -> None:
    disks = host_report(DOM0).disks
    assert disks is not None
    assert [(disk.name, disk.size_bytes, disk.parents) for disk in disks] == [
        ("sda", 2000, ()),
        ("md0", 1000, ("sda", "sdb")),
        ("sdb", 2000, ()),
    ]


def test_file_systems_survive_a_dead_mount_and_blanks_in_names() -> None:
    systems = host_report(DOM0).file_systems
    assert systems is not None
    assert [(each.mount_point, each.device, each.used_percent, each.inodes_used_percent) for each in systems] == [
        ("/", "/dev/md0", 95, 98),
        ("/mnt/my disk", "nas:/srv/my x", 20, None),
    ]


def test_xen_and_crash_kernel_are_read() -> None:
    report = host_report(DOM0)
    assert report.xen is not None
    assert report.xen.role == "dom0"
    assert report.xen.domains is not None
    assert [domain.name for domain in report.xen.domains] == ["Domain-0", "web 01"]
    assert report.xen.assignable == ("0000:03:10.0",)
    assert report.xen.log is not None
    assert report.xen.log.iommu is False
    assert report.kdump is not None
    assert report.kdump.crash_loaded is False
    assert report.kdump.crashkernel == ("384M-:128M",)
    assert report.reboot is not None
    assert report.reboot.pending
    assert report.services is not None
    assert report.services.failed == ("isc-dhcp-server.service",)
    assert [(unit.name, unit.active, unit.enabled) for unit in report.services.units] == [
        ("ssh.service", "active", "enabled"),
        ("isc-dhcp-server.service", "failed", ""),
        ("nginx.service", "inactive", "disabled"),
    ]


def test_json_and_back_is_the_same_report() -> None:
    report = host_report(DOM0)
    assert HostReport.from_json(json.loads(json.dumps(report.as_json()))) == report


def test_an_unknown_field_of_a_newer_panel_is_passed_over() -> None:
    shape = host_report(DOM0).as_json() | {"new_group": {"x": 1}}
    assert HostReport.from_json(shape) == host_report(DOM0)


@pytest.mark.parametrize(
    "shape", [[], {"disks": {}}, {"cpu": []}, {"disks": [{}]}, {"complete": "yes"}],
    ids=["a list", "an object for a list", "a list for an object", "a disk without a name", "text for a truth"],
)  # fmt: skip
def test_saved_facts_of_a_wrong_shape_are_refused(shape: object) -> None:
    with pytest.raises(UnreadableFacts):
        HostReport.from_json(shape)


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (b"uptime=86400.50", b"uptime=99999.99", True),
        (b"MemAvailable:    1500000", b"MemAvailable:       1000", True),
        (b"950        50      95%", b"100       900      10%", True),
        (b"vif3.0", b"vif4.0", True),
        (b"MemTotal:        2000000", b"MemTotal:        4000000", False),
        (b"192.0.2.10", b"192.0.2.11", False),
        (b"boot_id=1", b"boot_id=2", False),
        (b"[2/1] [_U]", b"[2/2] [UU]", False),
    ],
    ids=["uptime", "free memory", "used space", "a guest's interface", "memory", "address", "reboot", "array"],
)
def test_the_digest_follows_what_lasts_only(old: bytes, new: bytes, *, same: bool) -> None:
    assert old in DOM0
    assert (host_report(DOM0).digest == host_report(DOM0.replace(old, new)).digest) is same


def test_a_section_that_holds_our_own_marks_is_only_a_section() -> None:
    forged = DOM0.replace(b"|MemTotal", b"|@end meminfo 0\n|@begin date\n|@finish\n|@rackdesk-facts 1\n|MemTotal")
    report = host_report(forged)
    assert report.memory == host_report(DOM0).memory
    assert report.damage == ()


def test_what_could_not_be_asked_is_named() -> None:
    data = b"@rackdesk-facts 1\n@absent lsblk lsblk\n@needs-root xl_info\n@begin df\n!oops\n@end df 124\n@finish\n"
    report = host_report(data)
    assert Gap("lsblk", "absent", "lsblk") in report.gaps
    assert Gap("xl_info", "needs_root") in report.gaps
    assert Gap("df", "timed_out", "oops") in report.gaps
    assert Gap("uname", "missing") in report.gaps
    assert report.disks is None
    assert report.file_systems is None


def test_a_report_behind_a_login_message_is_found() -> None:
    report = host_report(b"Welcome to xen01!\r\n" + DOM0)
    assert [str(said) for said in report.damage] == ["Text before the report was passed over."]
    assert report.arrays == host_report(DOM0).arrays


def test_lines_from_elsewhere_cost_nothing_but_a_word() -> None:
    report = host_report(DOM0.replace(b"@begin mdstat\n", b"@begin mdstat\nBroadcast message from root\n"))
    assert [str(said) for said in report.damage] == ["1 lines that belong to no tool were passed over."]
    assert report.arrays == host_report(DOM0).arrays


def test_a_cut_list_keeps_its_first_part_and_says_so() -> None:
    report = host_report(DOM0.replace(b'},{"ifindex":9,"ifname":"vif3.0"', b'},{"ifind'))
    assert report.links is not None
    assert [link.name for link in report.links] == ["eth0"]
    assert any("ip_link" in str(said) for said in report.damage)


@pytest.mark.parametrize(
    "data", [b"", b"hello\n", b"@rackdesk-facts 2\n@finish\n"], ids=["nothing", "another text", "another version"]
)
def test_what_is_no_report_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(UnreadableFacts, match=r"report"):
        host_report(data)


def test_a_report_cut_at_any_byte_keeps_every_section_that_had_ended() -> None:
    whole = host_report(DOM0)
    after_array = DOM0.index(b"@end mdstat 0\n") + len(b"@end mdstat 0\n")
    for end in range(len(b"@rackdesk-facts 1\n"), len(DOM0) - 1, 7):
        report = host_report(DOM0[:end])
        assert not report.complete
        assert report.damage
        if end >= after_array:
            assert report.arrays == whole.arrays
            assert report.memory == whole.memory


@settings(max_examples=150, deadline=None)
@given(junk=st.binary(max_size=300), at=st.integers(0, len(DOM0)), length=st.integers(0, 400))
def test_any_bytes_anywhere_raise_nothing_but_words(junk: bytes, at: int, length: int) -> None:
    with suppress(Explainable):
        report = host_report(DOM0[:at] + junk + DOM0[at + length :])
        assert HostReport.from_json(json.loads(json.dumps(report.as_json()))) == HostReport.from_json(report.as_json())
        assert "\\u0000" not in json.dumps(report.as_json())


FRAGMENTS = st.sampled_from(
    [
        *(b"md0 : active raid1 ", b"sda[0](F)", b"[2/1] [_U]", b" blocks "),
        *(b"xen_version :", b"(XEN) ", b"Name  ID  Mem VCPUs\n", b"USE_KDUMP:", b"current state:"),
        *(b'[{"ifname":"a"', b'"vf":', b'"vfinfo_list":[{', b"}]", b"[[[[", b"NaN", b'{"blockdevices":'),
        *(b"Slot:\t03:00.0\n", b"processor : 1\n", b"MemTotal: 1 kB\n"),
        *(b"\n", b"99999999999999999999", b"\xff\x00"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(FRAGMENTS | st.binary(max_size=20), max_size=30))
def test_any_output_of_a_tool_raises_nothing_but_words(parts: list[bytes]) -> None:
    with suppress(Explainable):
        assert json.loads(json.dumps(fact_records(b"".join(parts)), allow_nan=False)) is not None


def test_json_nested_too_deeply_is_survived() -> None:
    with pytest.raises(UnreadableFacts):
        fact_records(b"[" * 200_000)
