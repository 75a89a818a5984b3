"""Two reports in, what changed between them out."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosts.parse.report import host_report
from hosts.rules.fact_changes import between

DOM0 = (Path(__file__).parent / "golden" / "dom0_with_sriov.facts").read_bytes()


def changes(old: bytes, new: bytes) -> list[str]:
    assert old in DOM0
    return [str(each.words) for each in between(host_report(DOM0), host_report(DOM0.replace(old, new)))]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"boot_id=1", b"boot_id=2", ["The machine was started again."]),
        (b"4.17.3", b"4.17.5", ["Xen: 4.17.3 → 4.17.5"]),
        (b"MemTotal:        2000000", b"MemTotal:        4000000", ["Memory: 2048000000 → 4096000000 bytes"]),
        (b"deb12u2", b"deb12u3", ["packages openssh-server, version: 1:9.2p1-2+deb12u2 → 1:9.2p1-2+deb12u3"]),
        (b"|ii  kdump-tools 1:1.8.1\n", b"", ["packages kdump-tools is gone"]),
        (b"192.0.2.10", b"192.0.2.11", ["links.addresses 192.0.2.10 is gone", "links.addresses 192.0.2.11 is new"]),
        (b"[2/1] [_U]", b"[2/2] [UU]",
         ["arrays md0, working: 1 → 2", "arrays md0, marks: _U → UU"]),
        (b"web 01   ", b"web 02   ", ["xen.domains web 01 is gone", "xen.domains web 02 is new"]),
        (b"|loaded=0", b"|loaded=0 ", []),
    ],
    ids=["reboot", "Xen", "memory", "package version", "package gone", "address", "array", "guest", "nothing"],
)  # fmt: skip
def test_a_change_is_told_in_words(old: bytes, new: bytes, expected: list[str]) -> None:
    assert sorted(changes(old, new)) == sorted(expected)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"uptime=86400.50", b"uptime=1.5"),
        (b"0.10 0.20", b"9.10 9.20"),
        (b"950        50      95%", b"100       900      10%"),
        (b"free_memory            : 40212", b"free_memory            : 1"),
        (b"vif3.0", b"vif9.0"),
        (b"r-----     123.4", b"-b----     999.9"),
    ],
    ids=["uptime", "load", "disk use", "free memory", "a guest's interface", "a guest's state"],
)
def test_time_going_by_is_no_change(old: bytes, new: bytes) -> None:
    assert changes(old, new) == []


@pytest.mark.parametrize("section", ["units", "lsblk", "xl_info", "xl_list", "mdstat", "ip_link", "kdump_config"])
def test_a_tool_that_timed_out_is_no_change(section: str) -> None:
    first = DOM0.index(f"@begin {section}\n".encode())
    last = DOM0.index(f"@end {section} ".encode())
    cut = DOM0[:first] + f"@begin {section}\n@end {section} 124\n".encode() + DOM0[DOM0.index(b"\n", last) + 1 :]
    said = [str(each.words) for each in between(host_report(DOM0), host_report(cut))]
    # Without `ip` the links of sysfs stand in, which know less; that is told, nothing else is.
    assert [words for words in said if not words.startswith("links")] == []
