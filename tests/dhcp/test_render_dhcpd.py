"""A server as facts, and the dhcpd.conf that is rendered from it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dhcp.facts.server import (
    INFINITE,
    Boot,
    LeaseTimes,
    OptionValue,
    Parameter,
    Permit,
    Pool,
    Range,
    Raw,
    Reservation,
    Server,
    Settings,
    Subnet,
)
from dhcp.parse.dhcpd_conf import dhcpd_conf as read
from dhcp.parse.server import server
from dhcp.render.dhcpd import dhcpd_conf
from hosts.errors import RenderError
from tests.dhcp.a_server import EVERYTHING, OFF, SIX, WEB
from tests.dhcp.real_servers import dhcpd_says, needs_dhcpd

SEED = """#: subnet 1
subnet 192.168.0.0 netmask 255.255.255.0 {
    range 192.168.0.10 192.168.0.20;
}

#: subnet 2
# network B
subnet 192.168.1.0 netmask 255.255.255.0 {
    default-lease-time infinite;
    option routers 192.168.1.254;
    range 192.168.1.10 192.168.1.20;

    #: reservation 3
    # the shop's "front"
    host web {
        hardware ethernet 00:16:3e:cf:e6:3a;
        fixed-address 192.168.1.151;
        option host-name "webserver01";
    }
}
"""


def without_disabled(whole: Server) -> Server:
    return replace(
        whole,
        subnets=tuple(
            replace(each, reservations=tuple(host for host in each.reservations if host.enabled))
            for each in whole.subnets
        ),
    )


def again(text: str, version: int = 4) -> Server:
    return server(read(text, {}.get), version)


def test_the_file_reads_well_and_tells_where_each_part_comes_from():
    two = Server(
        subnets=(
            Subnet("192.168.0.0/24", ranges=(Range("192.168.0.10", "192.168.0.20"),), origin="subnet 1"),
            Subnet(
                "192.168.1.0/24",
                ranges=(Range("192.168.1.10", "192.168.1.20"),),
                reservations=(WEB, OFF),
                settings=Settings(LeaseTimes(INFINITE), options=(OptionValue("routers", ("192.168.1.254",)),)),
                origin="subnet 2",
                note="network B",
            ),
        )
    )
    assert dhcpd_conf(two) == SEED


@pytest.mark.parametrize("whole", [pytest.param(EVERYTHING, id="version 4"), pytest.param(SIX, id="version 6")])
def test_one_of_everything_is_read_back_as_it_was(whole):
    text = dhcpd_conf(whole)
    assert again(text, whole.version) == without_disabled(whole)
    assert dhcpd_conf(again(text, whole.version)) == text


@needs_dhcpd
@pytest.mark.parametrize("whole", [pytest.param(EVERYTHING, id="version 4"), pytest.param(SIX, id="version 6")])
def test_the_real_dhcpd_accepts_one_of_everything(whole, tmp_path):
    assert dhcpd_says(dhcpd_conf(whole), tmp_path, whole.version) == ""


def test_a_setting_after_a_condition_that_sets_it_too_stays_after_it():
    text = 'if known {\n    default-lease-time 60;\n}\ndefault-lease-time 600;\noption domain-name "a";\n'
    found = again(text)
    assert [each.text for each in found.settings.raw] == [
        "if known {\n    default-lease-time 60;\n}",
        "default-lease-time 600;",
    ]
    assert found.settings.options == (OptionValue("domain-name", ("a",)),)
    assert again(dhcpd_conf(found)) == found


@pytest.mark.parametrize(
    ("written", "value"),
    [
        pytest.param("option host-name webserver01", OptionValue("host-name", ("webserver01",)), id="without quotes"),
        pytest.param("option routers 192.0.2.001, gw", OptionValue("routers", ("192.0.2.1", "gw")), id="addresses"),
        pytest.param("option default-ip-ttl 010", OptionValue("default-ip-ttl", ("8",)), id="octal"),
        pytest.param("option default-ip-ttl 0x10", OptionValue("default-ip-ttl", ("16",)), id="hex"),
        pytest.param("option default-ip-ttl 256", OptionValue("default-ip-ttl", (), "256"), id="too large"),
        pytest.param("option ip-forwarding ON", OptionValue("ip-forwarding", ("true",)), id="a flag"),
        pytest.param('option root-path "a\\"\\101"', OptionValue("root-path", ('a"A',)), id="escapes"),
        pytest.param(
            'option root-path "\\377"', OptionValue("root-path", (), '"\\377"'), id="a byte that is no letter"
        ),
        pytest.param(
            'option domain-name = concat("a", "b")',
            OptionValue("domain-name", (), '= concat("a", "b")'),
            id="an expression",
        ),
        pytest.param("option odd 1:2", OptionValue("odd", (), "1:2"), id="an unknown option"),
    ],
)
def test_an_option_is_read_by_its_type(written, value):
    found = again(f"{written};")
    assert found.settings.options == (value,)
    assert again(dhcpd_conf(found)) == found


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(Settings(boot=Boot(next_server="a; option x 1")), id="a server with a semicolon"),
        pytest.param(Settings(options=(OptionValue("routers", ("1.2.3.4; }",)),)), id="an address with a brace"),
        pytest.param(Settings(options=(OptionValue("x y", (), "1"),)), id="a name with a space"),
        pytest.param(Settings(options=(OptionValue("x", (), '"'),)), id="an open quote"),
        pytest.param(Settings(options=(OptionValue("routers", ()),)), id="no address"),
        pytest.param(Settings(options=(OptionValue("default-ip-ttl", ("010",)),)), id="an octal number"),
        pytest.param(Settings(parameters=(Parameter("filename", '"a" } '),)), id="a parameter with a brace"),
        pytest.param(Settings(raw=(Raw("}"),)), id="raw text that closes more than it opens"),
        pytest.param(Settings(raw=(Raw('log(info, "x);'),)), id="raw text with an open quote"),
        pytest.param(Settings(options=(OptionValue("root-path", ("a\0",)),)), id="a text with a zero byte"),
    ],
)
def test_a_value_that_would_be_more_than_a_value_is_refused(settings):
    with pytest.raises(RenderError):
        dhcpd_conf(Server(settings=settings))


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
NOTE = st.sampled_from(["", "one line", "two\nlines"])
SETTINGS = st.builds(
    Settings,
    st.builds(LeaseTimes, *[st.none() | st.integers(0, INFINITE)] * 3),
    st.builds(Boot, st.sampled_from(["", "192.0.2.1", "tftp.example.org"]), st.just("") | TEXT, st.just("") | TEXT),
    st.lists(
        st.builds(OptionValue, st.sampled_from(["domain-name", "root-path"]), st.tuples(TEXT))
        | st.builds(OptionValue, st.just("domain-search"), st.lists(TEXT, min_size=1, max_size=3).map(tuple)),
        max_size=2,
    ).map(tuple),
    st.just(()) | st.just((Parameter("ping-check", "true"),)),
)
HOSTS = st.builds(
    Reservation,
    st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True),
    mac=st.sampled_from(["", "00:16:3e:00:00:01"]),
    addresses=st.sampled_from([(), ("192.0.2.9",), ("192.0.2.9", "host.example.org")]),
    hostname=st.just("") | TEXT,
    settings=SETTINGS,
    note=NOTE,
    origin=NOTE,
)
POOLS = st.builds(
    Pool,
    st.lists(st.builds(Range, st.just("192.0.2.10"), st.just("192.0.2.20"), st.booleans()), max_size=2).map(tuple),
    permits=st.lists(st.builds(Permit, st.sampled_from(["allow", "deny"]), st.just("known-clients"))).map(tuple),
    settings=SETTINGS,
    note=NOTE,
    origin=NOTE,
)
SERVERS = st.builds(
    Server,
    settings=SETTINGS,
    note=NOTE,
    subnets=st.lists(
        st.builds(
            Subnet,
            st.sampled_from(["192.0.2.0/24", "198.51.100.0/24"]),
            pools=st.lists(POOLS, max_size=2).map(tuple),
            reservations=st.lists(HOSTS, max_size=2).map(tuple),
            settings=SETTINGS,
            note=NOTE,
            origin=NOTE,
        ),
        max_size=2,
        unique_by=lambda subnet: subnet.network,
    ).map(tuple),
)


@settings(max_examples=150, deadline=None)
@given(SERVERS)
def test_any_server_is_read_back_as_it_was(whole):
    text = dhcpd_conf(whole)
    assert again(text) == whole
    assert dhcpd_conf(again(text)) == text


def test_a_text_keeps_a_blank_before_a_semicolon() -> None:
    said = Settings(
        options=(OptionValue("domain-name", ("a ;b",)), OptionValue("root-path", expression='"c ;d"')),
        parameters=(Parameter("filename", '"e ;f"'), Parameter("authoritative")),
    )
    text = dhcpd_conf(Server(settings=said))
    assert text.splitlines() == [
        'option domain-name "a ;b";',
        'option root-path "c ;d";',
        'filename "e ;f";',
        "authoritative;",
    ]


@pytest.mark.parametrize("sign", ["\v", "\f", "\x1c", "\x85", "\u2028", "\r"], ids=ascii)
def test_only_a_new_line_ends_a_comment_that_is_kept(sign: str) -> None:
    """For dhcpd these are letters of the comment: what follows them must not come to stand outside of it."""
    text = dhcpd_conf(Server(settings=Settings(raw=(Raw(f'log(info, "a"); # see{sign}}} authoritative;'),))))
    assert text.split("\n") == [f'log(info, "a"); # see{sign}}} authoritative;', ""]


@pytest.mark.parametrize("sign", ["\n", "\r", "\v", "\x85", "\u2028"], ids=ascii)
def test_a_note_stays_a_comment_whatever_is_in_it(sign: str) -> None:
    note = f"first{sign}}} authoritative;"
    text = dhcpd_conf(Server(subnets=(Subnet("10.0.0.0/24", note=note, origin=note),), note=note))
    told = [line for line in text.split("\n") if line and not line.lstrip().startswith("#")]
    assert told == ["subnet 10.0.0.0 netmask 255.255.255.0 { }"]
