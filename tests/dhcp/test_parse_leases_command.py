"""`manage.py parse_leases`."""

from __future__ import annotations

import json
from io import StringIO

from django.core.management import call_command

LEASES = 'lease 192.0.2.1 {\n  ends never;\n  binding state active;\n  client-hostname "w\\303\\251b";\n}\n'
LEASES += "lease 192.0.2.2 {\n  binding state free;\n}\n" * 2


def run(*arguments: str) -> tuple[list[dict], int]:
    out, code = StringIO(), 0
    try:
        call_command("parse_leases", *arguments, stdout=out)
    except SystemExit as end:
        code = int(end.code or 0)
    return [json.loads(line) for line in out.getvalue().splitlines()], code


def test_one_object_for_each_address(tmp_path):
    (tmp_path / "leases").write_text(LEASES)
    (first, second), code = run(str(tmp_path / "leases"))
    assert code == 0
    assert first == {
        "file": str(tmp_path / "leases"),
        "ip": "192.0.2.1",
        "starts_at": None,
        "ends_at": None,
        "never_ends": True,
        "state": "active",
        "next_state": None,
        "mac": None,
        "client_id": None,
        "hostname": "wéb",
        "vendor_class": None,
    }
    assert (second["ip"], second["never_ends"]) == ("192.0.2.2", False)


def test_a_summary_counts_by_state(tmp_path):
    (tmp_path / "leases").write_text(LEASES)
    (row,), _ = run("--summary", str(tmp_path / "leases"))
    assert (row["records"], row["addresses"], row["states"]) == (3, 2, {"active": 1, "free": 1})


def test_damage_and_a_missing_file_are_told_and_the_rest_is_printed(tmp_path):
    (tmp_path / "cut").write_text(LEASES + "lease 192.0.2.3 {\n  ends")
    rows, code = run(str(tmp_path / "none"), str(tmp_path / "cut"))
    assert code == 1
    assert rows[0]["error"] == "The file cannot be read: No such file or directory."
    assert [row["ip"] for row in rows[1:3]] == ["192.0.2.1", "192.0.2.2"]
    assert (rows[3]["offset"], rows[3]["error"]) == (len(LEASES), "A record is cut off: it has no end.")


KEA = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state"
ROW = "192.0.2.1,02:00:00:00:00:0a,,3600,1700003600,1,0,0,pc,0"


def test_a_file_of_kea_is_known_by_its_first_line_and_may_name_its_columns_again(tmp_path):
    (tmp_path / "kea").write_text(f"{KEA}\n{ROW}\n{KEA},user_context\n{ROW.replace('pc', 'web')},\n")
    (lease,), code = run(str(tmp_path / "kea"))
    assert (code, lease["ip"], lease["hostname"], lease["state"]) == (0, "192.0.2.1", "web", "active")
    assert run("--summary", str(tmp_path / "kea"))[0][0]["records"] == 2


def test_a_row_of_kea_that_is_cut_off_is_told(tmp_path):
    (tmp_path / "kea").write_text(f"{KEA}\n{ROW}\n{ROW[:30]}")
    (lease, damage), code = run(str(tmp_path / "kea"))
    assert (code, lease["hostname"], damage["length"]) == (1, "pc", 30)


def test_a_lease_that_begins_in_the_middle_of_a_cut_line_is_read(tmp_path):
    (tmp_path / "leases").write_text("lease 192.0.2.9 {\n  starts 4 2026" + LEASES)
    rows, code = run(str(tmp_path / "leases"))
    assert (code, [row.get("ip") for row in rows]) == (1, ["192.0.2.1", "192.0.2.2", None])
