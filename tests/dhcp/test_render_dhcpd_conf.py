"""dhcpd.conf: read, shown as rows, and written back."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import suppress
from io import StringIO

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from dhcp.errors import UnreadableConfig
from dhcp.facts.config import ClientClass, OptionDefinition, Pool, Reservation, SharedNetwork, Site, Subnet, Verbatim
from dhcp.parse.dhcpd_conf import dhcpd_conf as read_conf
from dhcp.parse.site import site
from dhcp.render.dhcpd_conf import dhcpd_conf as render_conf

DHCPD = shutil.which("dhcpd") or shutil.which("dhcpd", path="/usr/sbin:/sbin")
needs_dhcpd = pytest.mark.skipif(not DHCPD, reason="dhcpd is missing (Debian package isc-dhcp-server)")

SITE = r"""# The site.
option space LAN;
option LAN.colour code 1 = { integer 8, text };  # red or blue
option domain-name "example.org";
AUTHORITATIVE;
default-lease-time 600; max-lease-time -1;
failover peer "fo" { primary; address 192.0.2.1; peer address 192.0.2.2; mclt 120; split 128; }
key panel { algorithm hmac-md5; secret pRP5FapFoJ95JEL06sv4PQ==; };
class "phones" { match if substring (option vendor-class-identifier, 0, 5) = "phone"; lease limit 4; }
subclass "phones" 1:00:16:3e:00:00:01 { option host-name "p1"; }
if exists agent.circuit-id { log(info, "a } { brace"); } elsif known { } else { set x = "1"; }
shared-network "second floor" {
  subnet 192.0.2.0 netmask 255.255.255.128 { option routers 192.0.2.1; }
  subnet 192.0.2.128 netmask 255.255.255.128 { range 192.0.2.200 192.0.2.190; }
  pool { failover peer "fo"; allow members of "phones"; deny unknown-clients;
    range 192.0.2.010 192.0.2.20; range 192.0.2.30; }
  # the end
}
group servers {
  next-server 192.0.2.1;
  host web { hardware Ethernet 0:16:3E:cf:E6:3a; fixed-address 192.0.2.50, web.example.org;
    option host-name webserver01; }
  host odd { option dhcp-client-identifier "web\"02"; on commit { set y = "2"; } }
}
"""


def rows(text: str, kind: type):
    return [row for row in site(read_conf(text, {}.get)).rows if isinstance(row, kind)]


def test_subnets_and_shared_networks_become_rows():
    (shared,) = rows(SITE, SharedNetwork)
    assert (shared.name, shared.subnets) == ("second floor", ("192.0.2.0/25", "192.0.2.128/25"))
    assert [(row.subnet, row.shared_network) for row in rows(SITE, Subnet)] == [
        ("192.0.2.0/25", "second floor"),
        ("192.0.2.128/25", "second floor"),
    ]


def test_each_range_is_a_pool_of_the_subnet_that_holds_it():
    assert [(row.subnet, row.first, row.last, row.pool) for row in rows(SITE, Pool)] == [
        ("192.0.2.128/25", "192.0.2.190", "192.0.2.200", 0),
        ("192.0.2.0/25", "192.0.2.10", "192.0.2.20", 1),
        ("192.0.2.0/25", "192.0.2.30", "192.0.2.30", 1),
    ]
    assert rows(SITE, Pool)[1].permits == ('allow members of "phones"', "deny unknown-clients")


def test_a_host_is_a_reservation_in_the_usual_spelling():
    web, odd = rows(SITE, Reservation)
    assert (web.name, web.mac, web.addresses) == ("web", "00:16:3e:cf:e6:3a", ("192.0.2.50", "web.example.org"))
    assert (web.hostname, web.subnet, web.group) == ("webserver01", "192.0.2.0/25", "servers")
    assert (odd.mac, odd.client_id, odd.addresses) == (None, '"web\\"02"', ())


def test_classes_and_definitions_become_rows():
    phones, one = rows(SITE, ClientClass)
    assert phones.match == ('match if substring (option vendor-class-identifier, 0, 5) = "phone"',)
    assert (one.data, one.scope.options) == ("1:00:16:3e:00:00:01", (("host-name", '"p1"'),))
    assert [(row.name, row.code, row.type) for row in rows(SITE, OptionDefinition)] == [
        ("LAN", "", "space"),
        ("LAN.colour", "1", "{ integer 8, text }"),
    ]


def test_what_is_not_understood_is_listed_whole():
    assert [row.text.split()[0] for row in rows(SITE, Verbatim)] == ["failover", "key", "if", "elsif", "else", "on"]
    assert rows(SITE, Verbatim)[2].text == 'if exists agent.circuit-id { log(info, "a } { brace"); }'


def test_rendering_what_was_rendered_changes_no_byte_and_no_row():
    once = render_conf(read_conf(SITE, {}.get))
    assert render_conf(read_conf(once, {}.get)) == once
    assert site(read_conf(once, {}.get)).rows == site(read_conf(SITE, {}.get)).rows


def test_comments_stay_where_they_are():
    once = render_conf(read_conf(SITE, {}.get))
    assert once.startswith("# The site.\noption space LAN;\n")
    assert "option LAN.colour code 1 = { integer 8, text }; # red or blue\n" in once
    assert "    # the end\n}\n" in once


def test_included_statements_stand_in_their_place():
    files = {"hosts": 'host a { fixed-address 192.0.2.3; }\ninclude "more"; # end', "more": "ping-check true;"}
    conf = read_conf('option domain-name "x";\n# them\ninclude "hosts";\nauthoritative;', files.get)
    assert [each.keyword for each in conf.statements] == ["option", "host", "ping-check", "authoritative"]
    assert conf.statements[1].comments == ("# them",)


def test_an_include_that_is_missing_or_goes_round_is_kept_and_named():
    conf = read_conf('include "a"; include "none";', {"a": 'include "a";'}.get)
    assert conf.missing == ("a", "none")
    assert render_conf(conf) == 'include "a";\ninclude "none";\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("subnet 192.0.2.0 netmask 255.255.255.0 {\n\n", 1, id="a block that is never closed"),
        pytest.param("authoritative;\n}\n", 2, id="a brace that closes nothing"),
        pytest.param("authoritative;\noption domain-name\n", 2, id="a semicolon is missing at the end"),
        pytest.param("host a {\n fixed-address 192.0.2.1\n}\n", 3, id="a semicolon is missing before a brace"),
        pytest.param('\noption domain-name "x;\n', 2, id="a text without end"),
        pytest.param("group {" * 100, 1, id="a hundred blocks within each other"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(text, line):
    with pytest.raises(UnreadableConfig) as refusal:
        read_conf(text, {}.get, "dhcpd.conf")
    assert (refusal.value.file, refusal.value.line) == ("dhcpd.conf", line)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("subnet 192.0.2.1 netmask 255.255.255.0 { }", id="number and mask do not fit"),
        pytest.param("subnet 192.0.2.0/24 { }", id="a length instead of a mask"),
        pytest.param("subnet 192.0.2.0 netmask 255.255.255.0 { range 192.0.3.1 192.0.3.2; }", id="range outside"),
        pytest.param("subnet 192.0.2.0 netmask 255.255.255.0 { range 192.0.2.1 here; }", id="a range of words"),
    ],
)
def test_what_dhcpd_refuses_is_told(text):
    (trouble,) = site(read_conf(text, {}.get)).troubles
    assert trouble.line == 1


def test_ranges_and_prefixes_of_ipv6_become_pools():
    text = "subnet6 2001:db8::/32 { range6 2001:db8::10 2001:db8::20; range6 2001:db8:1::/64; "
    text += "prefix6 2001:db8:100:: 2001:db8:200:: /56; }"
    assert [(row.first, row.last, row.prefix_length) for row in rows(text, Pool)] == [
        ("2001:db8::10", "2001:db8::20", None),
        ("2001:db8:1::", "2001:db8:1:0:ffff:ffff:ffff:ffff", None),
        ("2001:db8:100::", "2001:db8:200::", 56),
    ]


WORD = st.sampled_from(
    ['"a }{ ;#"', "option", "subnet", "range", "=", "(", ")", ",", "x", "10.0.0.1", "host", "code", "/8"]
)
GAP = st.sampled_from([" ", "\n", " # note }\n", "\t"])


@st.composite
def blocks(draw, depth=0):
    out = ""
    for _ in range(draw(st.integers(0, 4))):
        said = draw(st.lists(st.tuples(WORD, GAP), min_size=1, max_size=5))
        out += draw(GAP) + "if " + "".join(word + gap for word, gap in said)
        closed = draw(st.booleans()) or depth > 2
        out += ";" if closed else "{" + draw(blocks(depth + 1)) + "}"
    return out + draw(GAP)


@settings(max_examples=200, deadline=None)
@given(blocks())
def test_any_tree_keeps_its_words_and_settles_at_once(text):
    conf = read_conf(text, {}.get)
    once = render_conf(conf)
    again = read_conf(once, {}.get)
    assert words_of(again.statements) == words_of(conf.statements)
    assert render_conf(again) == once


def words_of(statements) -> list:
    return [(each.words, None if each.block is None else words_of(each.block)) for each in statements]


@settings(max_examples=300, deadline=None)
@given(st.text('subnet range host option include 1.2/:"{};,=()#\\\n', max_size=60))
def test_no_text_fails_in_another_way_than_unreadable(text):
    with suppress(UnreadableConfig):
        assert isinstance(site(read_conf(text, {}.get)), Site)


def run(*arguments: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("import_dhcpd", *arguments, stdout=out, stderr=StringIO())
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


def test_the_command_prints_rows_and_renders(tmp_path):
    file = tmp_path / "dhcpd.conf"
    file.write_text(SITE)
    printed, code = run(str(file))
    told = [json.loads(line) for line in printed.splitlines()]
    assert code == 0
    assert {row["kind"] for row in told} == {
        "shared_network", "subnet", "pool", "reservation", "class", "subclass", "verbatim", "option_definition"
    }  # fmt: skip
    rendered, _ = run("--render", str(file))
    assert rendered == render_conf(read_conf(SITE, {}.get))


def test_the_command_tells_what_is_broken_and_reads_the_other_file(tmp_path):
    (tmp_path / "good").write_text("host a { }")
    (tmp_path / "bad").write_text("host a {")
    printed, code = run(str(tmp_path / "bad"), str(tmp_path / "good"))
    first, second = [json.loads(line) for line in printed.splitlines()]
    assert code == 1
    assert first["error"] == f"{tmp_path / 'bad'}, line 1: A {{ is never closed."
    assert second["kind"] == "reservation"


@needs_dhcpd
def test_the_real_dhcpd_accepts_what_is_rendered(tmp_path):
    once = render_conf(
        read_conf(
            SITE.replace("set x", "set x-1").replace(
                "fixed-address 192.0.2.50, web.example.org", "fixed-address 192.0.2.50"
            ),
            {}.get,
        )
    )
    (tmp_path / "leases").touch()
    (tmp_path / "dhcpd.conf").write_text(once)
    done = subprocess.run(
        [DHCPD, "-t", "-4", "-cf", tmp_path / "dhcpd.conf", "-lf", tmp_path / "leases"],
        capture_output=True, text=True, check=False, timeout=20,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_host_tells_its_prefixes_apart_and_is_in_the_narrowest_subnet():
    text = """subnet6 2001:db8::/32 { } subnet6 2001:db8:1::/64 { }
    host a { host-identifier option dhcp6.client-id 00:02; fixed-address6 2001:db8:1::5;
      fixed-prefix6 2001:db8:2::/64; fixed-prefix6 2001:db8:3::/64; }
    host b { host-identifier v6relopt 1 dhcp6.remote-id 1:2:3; }"""
    *_, first, second = site(read_conf(text, {}.get)).rows
    assert (first.client_id, first.addresses, first.subnet) == ("00:02", ("2001:db8:1::5",), "2001:db8:1::/64")
    assert first.prefixes == ("2001:db8:2::/64", "2001:db8:3::/64")
    assert second.client_id is None
