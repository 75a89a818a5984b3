"""`manage.py import_dhcpd --save`: a file becomes the rows of a server."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from dhcp.choices import ServerKind
from dhcp.models import Reservation, Server, Subnet
from tests import make

pytestmark = pytest.mark.django_db
CONF = (
    'include "hosts.conf";\nsubnet 192.168.1.0 netmask 255.255.255.0 { range 192.168.1.10 192.168.1.20; }\nnonsense;\n'
)
HOSTS = "host web01 { hardware ethernet 02:00:00:00:00:01; fixed-address 192.168.1.151; }\n"


def saved(file: Path, *words: str) -> dict[str, object]:
    out = StringIO()
    call_command("import_dhcpd", str(file), *words, stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    (tmp_path / "hosts.conf").write_text(HOSTS)
    file = tmp_path / "dhcpd.conf"
    file.write_text(CONF)
    return file


def test_a_host_gets_its_server_by_its_name(conf: Path) -> None:
    make.host("gate")
    told = saved(conf, "--save", "gate")
    server = Server.objects.get()
    assert (told["server"], told["id"], told["counts"]) == (
        "gate",
        server.pk,
        {"subnet": 1, "range": 1, "reservation": 1},
    )
    assert [(kept["text"], kept["line"]) for kept in told["kept"]] == [("nonsense;", 3)]
    assert Reservation.objects.get().addresses.get().address == "192.168.1.151"
    with pytest.raises(CommandError, match="already"):
        saved(conf, "--save", str(server.pk))
    saved(conf, "--save", str(server.pk), "--replace")
    assert Subnet.objects.count() == 1


def test_keas_file_makes_a_server_of_kea(tmp_path: Path) -> None:
    make.host("gate")
    file = tmp_path / "kea.conf"
    file.write_text('// six\n{"Dhcp6": {"subnet6": [{"id": 3, "subnet": "2001:db8::/64"}]}}')
    saved(file, "--save", "gate")
    server = Server.objects.get()
    assert (server.kind, server.version, server.subnets.get().number) == (ServerKind.KEA, 6, 3)


@pytest.mark.parametrize(
    ("text", "named", "why"),
    [
        pytest.param(CONF, "nobody", "nobody", id="no such host"),
        pytest.param("subnet {", "gate", "line 1", id="a file that cannot be read"),
        pytest.param("{", "gate", "JSON", id="no JSON"),
    ],
)
def test_what_cannot_be_saved_is_told_and_leaves_nothing(tmp_path: Path, text: str, named: str, why: str) -> None:
    make.host("gate")
    file = tmp_path / "file"
    file.write_text(text)
    with pytest.raises(CommandError, match=why):
        saved(file, "--save", named)
    assert not Server.objects.exists()
