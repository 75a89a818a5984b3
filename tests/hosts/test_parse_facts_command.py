"""`manage.py parse_facts`: files in, JSON lines and an exit code out; the database is never asked."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

GOLDEN = Path(__file__).parent / "golden"


def parsed(*files: Path) -> tuple[list[dict[str, Any]], int]:
    out = StringIO()
    code = 0
    try:
        call_command("parse_facts", *map(str, files), stdout=out)
    except SystemExit as end:
        code = int(end.code or 0)
    return [json.loads(line) for line in out.getvalue().splitlines()], code


@pytest.mark.parametrize(
    ("name", "record", "count"),
    [
        ("dom0_with_sriov.facts", "host_facts", 1),
        ("lspci_vmmnnk_igb.txt", "lspci", 2),
        ("ip_link_bridge_vlan_and_old_vf.json", "link", 3),
        ("mdstat_degraded_and_rebuilding.txt", "mdstat", 5),
        ("xl_info_4_17.txt", "xl_info", 1),
        ("kdump_config_show_bookworm.txt", "kdump_config", 1),
    ],
)
def test_each_kind_of_output_is_known_by_its_content(name: str, record: str, count: int) -> None:
    rows, code = parsed(GOLDEN / name)
    assert code == 0
    assert [row["record"] for row in rows] == [record] * count
    assert all(row["file"] == str(GOLDEN / name) for row in rows)


def test_what_cannot_be_read_is_an_error_line_and_the_rest_is_printed(tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    rows, code = parsed(picture, tmp_path / "not-there", GOLDEN / "xl_info_4_17.txt", tmp_path)
    assert code == 1
    assert ["error" in row for row in rows] == [True, True, False, True]
    assert rows[2]["version"] == "4.17.3"


def test_a_cut_list_of_links_prints_what_it_has_and_the_error(tmp_path: Path) -> None:
    cut = tmp_path / "cut.json"
    cut.write_text((GOLDEN / "ip_link_bridge_vlan_and_old_vf.json").read_text()[:-300])
    rows, code = parsed(cut)
    assert code == 1
    assert rows[0]["name"] == "eno1"
    assert "error" in rows[-1]


def test_a_transcript_with_several_tools_gives_the_records_of_each(tmp_path: Path) -> None:
    file = tmp_path / "session.txt"
    file.write_text(
        "xen01# cat /proc/mdstat\n" + (GOLDEN / "mdstat_degraded_and_rebuilding.txt").read_text()
        + "xen01# xl info\n" + (GOLDEN / "xl_info_4_17.txt").read_text()
    )  # fmt: skip
    rows, code = parsed(file)
    assert code == 0
    assert [row["record"] for row in rows] == ["mdstat"] * 5 + ["xl_info"]


def test_nothing_but_empty_interfaces_is_no_error(tmp_path: Path) -> None:
    file = tmp_path / "none.json"
    file.write_text("[{},{}]\n")
    assert parsed(file) == ([], 0)


def test_a_host_without_any_array_is_nothing_wrong(tmp_path: Path) -> None:
    (tmp_path / "mdstat").write_text("Personalities : \nunused devices: <none>\n")
    assert parsed(tmp_path / "mdstat") == ([], 0)


def test_a_device_that_pci_ids_does_not_have_is_without_a_name(tmp_path: Path) -> None:
    (tmp_path / "lspci").write_text("Slot:\t10000:e1:00.0\nVendor:\tSamsung [144d]\nDevice:\tDevice [a80a]\n")
    ((row,), _) = parsed(tmp_path / "lspci")
    assert (row["vendor"], row["device"], row["device_id"]) == ("Samsung", "", "a80a")
