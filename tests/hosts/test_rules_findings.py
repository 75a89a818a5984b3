"""Reports in, findings out: each rule speaks when it should, and is silent where nothing is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hosts.choices import Severity
from hosts.facts.report import HostReport
from hosts.parse.report import host_report
from hosts.rules import findings

DOM0 = (Path(__file__).parent / "golden" / "dom0_with_sriov.facts").read_bytes()
NOW = datetime.fromtimestamp(1717236000, UTC)


def found(data: bytes = DOM0, at: datetime = NOW) -> dict[str, Severity]:
    return {f"{each.id} {each.subject}".strip(): each.severity for each in findings.of_report(host_report(data), at)}


def test_a_dom0_with_troubles_gets_them_told_the_gravest_first() -> None:
    assert list(found().items()) == [
        ("disk.inodes /", Severity.CRITICAL),
        ("md.degraded md0", Severity.CRITICAL),
        ("disk.full /", Severity.WARNING),
        ("kdump.not_ready", Severity.WARNING),
        ("sriov.vf_without_mac eth0", Severity.WARNING),
        ("unit.failed isc-dhcp-server.service", Severity.WARNING),
        ("xen.iommu_off", Severity.WARNING),
        ("reboot.pending", Severity.NOTE),
    ]


def test_every_sentence_reads_out_and_is_translated_whole() -> None:
    for each in findings.of_report(host_report(DOM0), NOW + timedelta(hours=1)):
        for said in (each.title, each.why, each.what_to_do):
            assert str(said)
            assert "%(" not in str(said)
            assert said.said_by(lambda msgid: "[" + msgid + "]") == f"[{said}]"


@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        (b"pv hvm hap", b"pv hvm hvm_directio hap", "xen.iommu_off"),
        (b"I/O virtualisation disabled", b"I/O virtualisation enabled", "xen.iommu_off"),
        (b"[2/1] [_U]", b"[2/2] [UU]", "disk.none"),
        (b"|kernel=6.1.0-18-amd64\n", b"", "reboot.pending"),
        (b"95% /", b"85% /", "disk.full /"),
        (b"@end kexec_status 0", b"@end kexec_status 1", "kdump.not_ready"),
        (b'"00:00:00:00:00:00"', b'"00:1e:67:65:93:02"', "sriov.vf_without_mac eth0"),
    ],
    ids=["virt_caps", "xl dmesg", "array", "kernel", "disk", "crash kernel by kexec -S", "VF address"],
)
def test_what_is_mended_is_no_finding(old: bytes, new: bytes, gone: str) -> None:
    assert old in DOM0
    assert gone not in found(DOM0.replace(old, new))


def test_a_failed_disk_is_told_even_where_the_marks_look_well() -> None:
    assert "md.degraded md0" in found(DOM0.replace(b"[2/1] [_U]", b"[2/2] [UU]"))
    assert "md.degraded md0" not in found(DOM0.replace(b"[2/1] [_U]", b"[2/2] [UU]").replace(b"(F)", b""))


@pytest.mark.parametrize(
    ("seconds", "severity"),
    [(0, None), (29, None), (-29, None), (31, Severity.WARNING), (-31, Severity.WARNING), (-301, Severity.CRITICAL)],
)
def test_a_clock_is_wrong_beyond_half_a_minute(seconds: int, severity: Severity | None) -> None:
    assert found(at=NOW + timedelta(seconds=seconds)).get("clock.skew") == severity


def test_a_report_of_nothing_finds_nothing() -> None:
    assert findings.of_report(HostReport(), NOW) == ()
    assert found(b"@rackdesk-facts 1\n@finish\n") == {}


def test_a_dom0_whose_crashkernel_stands_on_the_linux_line_is_told_so() -> None:
    (finding,) = [each for each in findings.of_report(host_report(DOM0), NOW) if each.id == "kdump.not_ready"]
    assert "Linux command line" in str(finding.why)
    assert "crashkernel=256M@64M" in str(finding.what_to_do)


def test_a_machine_where_nobody_wants_dumps_is_left_alone() -> None:
    plain = DOM0.replace(b" crashkernel=384M-:128M", b"").replace(b"|ii  kdump-tools 1:1.8.1\n", b"")
    start, end = plain.index(b"@begin kdump_config"), plain.index(b"@begin xl_info")
    assert "kdump.not_ready" not in found(plain[:start] + b"@absent kdump_config kdump-config\n" + plain[end:])


def test_the_qinval_panic_of_some_boards_is_known() -> None:
    line = b"|(XEN) queue invalidate wait descriptor was not executed\n|(XEN) I/O virtualisation disabled"
    data = DOM0.replace(b"|(XEN) I/O virtualisation disabled", line)
    assert found(data)["xen.qinval"] == Severity.CRITICAL


def test_a_login_without_rights_is_told_once() -> None:
    report = host_report(DOM0.replace(b"|uid=0", b"|uid=1000").replace(b"@finish", b"@needs-root kexec\n@finish"))
    assert "facts.not_root" in [each.id for each in findings.of_report(report, NOW)]
    assert "facts.not_root" not in [each.id for each in findings.of_report(replace(report, as_root=True), NOW)]
