"""Rows and facts of a server say the same, whichever way one goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dhcp.choices import ServerKind
from dhcp.errors import Unstorable
from dhcp.facts import server as said
from dhcp.models import Reservation, Server, server_facts
from dhcp.parse.dhcpd_conf import dhcpd_conf as read_conf
from dhcp.parse.server import server as server_of
from dhcp.services.rows import write_rows
from tests import make
from tests.dhcp.a_server import EVERYTHING
from tests.dhcp.plain import without_origin

pytestmark = pytest.mark.django_db

SITE = """
option space LAN;
option LAN.colour code 1 = text;
key "omapi" { algorithm hmac-md5; secret c2VjcmV0; }
zone example.org. { primary 127.0.0.1; key "omapi"; }
failover peer "pair" { primary; address 10.0.0.1; peer address 10.0.0.2; mclt 600; split 128; }
# The whole house.
default-lease-time 600;
max-lease-time -1;
option domain-name-servers 10.0.0.53, 10.0.0.54;
class "phones" { match if substring(option vendor-class-identifier, 0, 5) = "Phone"; }
class "known" { match hardware; }
subclass "known" 1:02:00:00:00:00:01 { option host-name "k"; }
shared-network "wire" {
    option domain-name "wire.example.org";
    subnet 10.0.0.0 netmask 255.255.255.0 { range 10.0.0.20 10.0.0.30; range 10.0.0.40; }
    subnet 10.0.1.0 netmask 255.255.255.0 {
        pool { failover peer "pair"; allow members of "phones"; range 10.0.1.10 10.0.1.20; max-lease-time 60; }
    }
    pool { deny unknown-clients; range 10.0.1.100 10.0.1.110; }
    group { filename "pxelinux.0"; host inner { hardware ethernet 02:00:00:00:00:03; } }
}
group servers {
    next-server 10.0.0.9;
    host web01 { hardware ethernet 02:00:00:00:00:01; fixed-address 10.0.0.5, 10.0.1.5; option host-name "web01"; }
    group { host deep { hardware ethernet 02:00:00:00:00:04; } }
    subnet 10.3.0.0 netmask 255.255.255.0 { option routers 10.3.0.1; host here { hardware ethernet 02:00:00:00:00:05; } }
}
subnet 10.4.0.0 netmask 255.255.0.0 { if known { max-lease-time 9; } }
host lone { hardware ethernet 02:00:00:00:00:06; fixed-address name.example.org; }
"""


def a_row(**more: object) -> Server:
    return Server.objects.create(host=make.host(), kind=ServerKind.ISC, **more)


def facts_of(text: str) -> said.Server:
    return server_of(read_conf(text, lambda _: None, "dhcpd.conf"))


@pytest.mark.parametrize(
    "text", ["", SITE, "subnet 10.0.0.0 netmask 255.0.0.0 { }\n" * 2], ids=["empty", "all", "twice"]
)
def test_what_was_written_reads_back_the_same(text: str) -> None:
    facts, row = facts_of(text), a_row()
    write_rows(row, facts)
    assert without_origin(server_facts(Server.objects.get())) == without_origin(facts)


def test_everything_there_is_reads_back_the_same() -> None:
    write_rows(a_row(), EVERYTHING)
    assert without_origin(server_facts(Server.objects.get())) == without_origin(EVERYTHING)


def test_the_number_of_queries_does_not_grow_with_the_rows(django_assert_max_num_queries) -> None:
    row = a_row()
    write_rows(row, facts_of(SITE))
    found = Server.objects.select_related("host").get()
    with django_assert_max_num_queries(16):
        server_facts(found)
    hosts = tuple(said.Reservation(name=f"h{n}", mac=f"02:00:00:01:00:{n:02x}") for n in range(40))
    other = a_row()
    write_rows(other, replace(facts_of(SITE), reservations=hosts))
    found = Server.objects.select_related("host").get(pk=other.pk)
    with django_assert_max_num_queries(16):
        assert len(server_facts(found).reservations) == 40


def test_a_note_that_is_no_text_is_refused_before_anything_is_written() -> None:
    row = a_row()
    bad = said.Server(reservations=(said.Reservation(name="x", note="caf\udce9"),))
    with pytest.raises(Unstorable, match="UTF-8"):
        write_rows(row, bad)
    assert not Reservation.objects.exists()


def test_keys_are_left_out_where_nobody_may_see_them() -> None:
    row = a_row()
    write_rows(row, facts_of(SITE))
    assert server_facts(row, keys=False).keys == ()
    assert server_facts(row).keys[0].secret == "c2VjcmV0"
