"""A server as facts, the JSON that Kea gets of it, and what is read back from such JSON."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dhcp.errors import UnreadableConfig
from dhcp.facts.server import (
    INFINITE,
    Boot,
    ClientClass,
    Group,
    LeaseTimes,
    OptionDefinition,
    OptionValue,
    Parameter,
    Permit,
    Pool,
    Range,
    Reservation,
    Server,
    Settings,
    Subclass,
    Subnet,
)
from dhcp.parse.kea_server import kea_server
from dhcp.render.kea import kea_conf
from dhcp.render.kea_tests import condition, members
from hosts.errors import RenderError
from tests.dhcp.a_server import EVERYTHING, SIX
from tests.dhcp.real_servers import KEA4, kea_says, needs_kea
from tests.dhcp.test_render_dhcpd import SERVERS


def conf_of(whole: Server) -> dict:
    return json.loads(kea_conf(whole).text)[f"Dhcp{whole.version}"]


def test_subnets_have_pools_options_and_reservations_in_keas_words():
    floor, b, a = conf_of(EVERYTHING)["shared-networks"][0], *conf_of(EVERYTHING)["subnet4"]
    assert (b["subnet"], b["pools"]) == ("192.168.1.0/24", [{"pool": "192.168.1.10 - 192.168.1.20"}])
    assert b["option-data"] == [{"name": "routers", "code": 3, "space": "dhcp4", "data": "192.168.1.254"}]
    assert b["user-context"] == {"origin": "subnet 2", "note": "network B\nbehind the relay"}
    (web,) = b["reservations"]
    assert (web["hw-address"], web["ip-address"], web["hostname"]) == (
        "00:16:3e:cf:e6:3a", "192.168.1.151", "webserver01"
    )  # fmt: skip
    assert [each["subnet"] for each in floor["subnet4"]] == ["10.2.0.0/24", "10.2.1.0/24"]
    assert len({each["id"] for each in [*floor["subnet4"], a, b]}) == 4


def test_what_kea_has_no_word_for_is_told():
    left_out = [(each.within, each.text.split("\n")[0]) for each in kea_conf(EVERYTHING).left_out]
    assert left_out == [
        ("server", "if exists agent.circuit-id {"),
        ("server", "key ddns-key"),
        ("server", "zone example.org."),
        ("server", "failover peer pair"),
        ("10.2.0.0/24", "valid-lifetime 600"),
        ("10.2.0.0/24", "failover peer pair"),
        ("cards 2", "lease limit 2"),
        ("cards", "lease limit 4"),
        ("phone", "default-lease-time 3600"),
        ("phone", "max-lease-time 7200"),
    ]


@needs_kea
@pytest.mark.parametrize("whole", [pytest.param(EVERYTHING, id="version 4"), pytest.param(SIX, id="version 6")])
def test_the_real_kea_accepts_one_of_everything(whole, tmp_path):
    assert kea_says(kea_conf(whole).text, tmp_path, whole.version) == ""


@pytest.mark.parametrize("whole", [pytest.param(EVERYTHING, id="version 4"), pytest.param(SIX, id="version 6")])
def test_what_was_rendered_is_read_and_rendered_to_the_same_bytes(whole):
    once = kea_conf(whole).text
    again = kea_conf(kea_server(once))
    assert (again.text, again.left_out) == (once, ())


def test_settings_of_groups_go_to_what_stood_in_them():
    inner = Group(reservations=(Reservation("a", mac="00:16:3e:00:00:01"),), settings=Settings(LeaseTimes(60)))
    outer = Group(groups=(inner,), settings=Settings(options=(OptionValue("domain-name", ("x",)),)))
    (host,) = conf_of(Server(groups=(outer,)))["reservations"]
    assert host["option-data"][0]["data"] == "x"


def test_a_lease_without_end_is_keas_largest_number():
    assert conf_of(Server(settings=Settings(LeaseTimes(INFINITE))))["valid-lifetime"] == 4294967295


def test_numbers_of_subnets_stay_and_new_ones_get_free_numbers():
    nets = (Subnet("10.0.0.0/24"), Subnet("10.1.0.0/24", number=1), Subnet("10.2.0.0/24"))
    assert [each["id"] for each in conf_of(Server(subnets=nets))["subnet4"]] == [2, 1, 3]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param('option host-name = "a"', "option[12].hex == 'a'", id="a text"),
        pytest.param("option host-name = 61:62", "option[12].hex == 0x6162", id="hex"),
        pytest.param(
            'not (exists host-name and substring(option user-class, 0, 2) != "x")',
            "not ((option[12].exists) and (not (substring(option[77].hex, 0, 2) == 'x')))",
            id="not, and, brackets",
        ),
        pytest.param("substring(hardware, 1, 3) = 0:16:3e", "substring(pkt4.mac, 0, 3) == 0x00163e", id="hardware"),
        pytest.param("known or exists agent.circuit-id", "(member('KNOWN')) or (relay4[1].exists)", id="known, relay"),
        pytest.param('suffix(option host-name, 3) = "c"', "substring(option[12].hex, -3, all) == 'c'", id="suffix"),
        pytest.param('binary-to-ascii(16, 8, ":", hardware) = "x"', None, id="a function that Kea lacks"),
        pytest.param("exists", None, id="half a condition"),
        pytest.param('option odd = "x"', None, id="an unknown option"),
    ],
)
def test_a_condition_is_said_in_keas_words_or_not_at_all(written, said):
    assert condition(written, {}) == said


@pytest.mark.parametrize(
    ("permits", "said"),
    [
        pytest.param([Permit("allow", 'members of "a"')], "member('a')", id="one class"),
        pytest.param([Permit("deny", "unknown-clients")], "not (member('UNKNOWN'))", id="no strangers"),
        pytest.param(
            [Permit("allow", 'members of "a"'), Permit("allow", "known clients"), Permit("deny", 'members of "b"')],
            "(member('a') or member('KNOWN')) and (not (member('b')))",
            id="several",
        ),
        pytest.param([Permit("allow", "all clients")], "", id="everybody"),
    ],
)
def test_permissions_of_a_pool_become_one_expression(permits, said):
    assert members(permits) == (said, [])


def test_a_subclass_is_a_class_and_its_class_holds_it():
    whole = Server(classes=(ClientClass("c", ("hardware",)),), subclasses=(Subclass("c", "1:00:16:3e:00:00:01"),))
    assert [(each["name"], each["test"]) for each in conf_of(whole)["client-classes"]] == [
        ("c 1", "pkt4.mac == 0x00163e000001"),
        ("c", "member('c 1')"),
    ]


def test_a_pool_with_several_classes_gets_a_class_of_its_own():
    pool = Pool((Range("10.0.0.1", "10.0.0.9"),), permits=(Permit("deny", 'members of "a"'),))
    conf = conf_of(Server(subnets=(Subnet("10.0.0.0/24", pools=(pool,)),)))
    assert conf["subnet4"][0]["pools"][0]["client-class"] == "pool 10.0.0.1"
    assert conf["client-classes"] == [{"name": "pool 10.0.0.1", "test": "not (member('a'))"}]


@pytest.mark.parametrize(
    ("definition", "value", "data"),
    [
        pytest.param(("arch", 93, "unsigned integer 16"), ("7",), None, id="one that Kea types in another way"),
        pytest.param(("gates", 3, "array of ip-address"), ("10.0.0.1",), "10.0.0.1", id="a second name of a standard one"),
        pytest.param(("way", 224, "array of { ip-address, ip-address }"), ("10.0.0.1", "10.0.0.2"), "10.0.0.1, 10.0.0.2",
                     id="pairs of one type"),
        pytest.param(("mix", 225, "array of { ip-address, integer 8 }"), ("10.0.0.1", "2"), None, id="a list of records"),
    ],
)  # fmt: skip
def test_a_custom_option_is_defined_only_where_kea_lets_it_be(definition, value, data, tmp_path):
    options = Settings(options=(OptionValue(definition[0], value),))
    whole = Server(definitions=(OptionDefinition(*definition),), settings=options)
    assert [each["data"] for each in conf_of(whole).get("option-data", ())] == ([data] if data else [])
    assert kea_conf(kea_server(kea_conf(whole).text)).text == kea_conf(whole).text
    if KEA4:
        assert kea_says(kea_conf(whole).text, tmp_path) == ""


def test_renewal_times_are_keas_timers_and_the_other_versions_options_are_left_out():
    told = (OptionValue("dhcp-renewal-time", ("300",)), OptionValue("dhcp6.preference", ("7",)))
    whole = Server(settings=Settings(options=told))
    assert conf_of(whole)["renew-timer"] == 300
    assert [each.text for each in kea_conf(whole).left_out] == ["option dhcp6.preference 7"]
    assert kea_server(kea_conf(whole).text).settings.options == told[:1]


KEA = """{ # a site's own file
  "Dhcp4": { "comment": "ours", "interfaces-config": { "interfaces": [ "eth0" ] },
    "lease-database": { "type": "memfile", "lfc-interval": 3600 },
    "option-def": [ { "name": "colour", "code": 222, "type": "record", "record-types": "uint8, string" } ],
    "valid-lifetime": 600, "authoritative": true,
    "subnet4": [ { "id": 7, "subnet": "192.0.2.0/24", "relay": { "ip-addresses": [ "192.0.2.254" ] },
      "pools": [ { "pool": "192.0.2.128/25", "client-class": "KNOWN" } ],
      "option-data": [ { "name": "colour", "data": "1, red\\\\, dark" }, { "code": 3, "data": "192.0.2.1" } ],
      "reservations": [ { "hw-address": "00-16-3E-00-00-01", "ip-address": "192.0.2.9", "hostname": "web" } ] } ] } }
"""


def test_a_file_of_kea_becomes_facts_and_what_only_kea_has_is_kept():
    found = kea_server(KEA)
    (subnet,) = found.subnets
    assert (found.note, found.interfaces, found.settings.times.default) == ("ours", ("eth0",), 600)
    assert [each.name for each in (*found.settings.kea, *subnet.settings.kea)] == ["lease-database", "relay"]
    assert (subnet.number, subnet.pools[0].ranges) == (7, (Range("192.0.2.128", "192.0.2.255"),))
    assert subnet.pools[0].permits == (Permit("allow", "known-clients"),)
    assert subnet.settings.options == (
        OptionValue("colour", ("1", "red, dark")),
        OptionValue("routers", ("192.0.2.1",)),
    )
    assert (subnet.reservations[0].mac, subnet.reservations[0].hostname) == ("00:16:3e:00:00:01", "web")
    assert kea_server(kea_conf(found).text) == found


@needs_kea
def test_the_real_kea_accepts_a_file_that_was_read(tmp_path):
    assert kea_says(kea_conf(kea_server(KEA)).text, tmp_path) == ""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{", id="no JSON"),
        pytest.param("[]", id="no object"),
        pytest.param('{"Dhcp4": 3}', id="no configuration"),
        pytest.param('{"Dhcp4": {"subnet4": [{"subnet": "lan"}]}}', id="no network"),
        pytest.param('{"Dhcp4": {"subnet4": [{"subnet": "1.0.0.0/8", "pools": [{"pool": "x"}]}]}}', id="no pool"),
    ],
)
def test_what_is_no_configuration_of_kea_is_refused(text):
    with pytest.raises(UnreadableConfig):
        kea_server(text)


@settings(max_examples=100, deadline=None)
@given(SERVERS)
def test_any_server_settles_after_it_was_rendered_once(whole):
    once = kea_conf(whole).text
    assert kea_conf(kea_server(once)).text == once


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["subnet4", "subnet", "pools", "pool", "option-data", "name", "data", "reservations", "id"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_no_json_fails_in_another_way_than_unreadable(made):
    with suppress(UnreadableConfig):
        assert kea_conf(kea_server(json.dumps({"Dhcp4": made}))).text


@pytest.mark.parametrize("written", ["{", "", "NaN", "[" * 5_000 + "]" * 5_000, "9" * 5_000], ids=lambda text: text[:3])
def test_a_member_that_is_no_json_is_named(written: str) -> None:
    """Where it stands does not matter."""
    said = Settings(kea=(Parameter("hooks-libraries", written),))
    for whole in (
        Server(settings=said),
        Server(classes=(ClientClass("c", settings=said),)),
        Server(reservations=(Reservation("r", mac="02:00:00:00:00:01", settings=said),)),
    ):
        with pytest.raises(RenderError, match="hooks-libraries"):
            kea_conf(whole)


def test_a_machine_with_two_addresses_in_a_subnet_is_one_reservation_there():
    hosts = (Reservation("a", mac="00:16:3e:00:00:01", addresses=("192.0.2.8", "192.0.2.9", "198.51.100.9")),)
    made = kea_conf(Server(subnets=(Subnet("192.0.2.0/24"), Subnet("198.51.100.0/24")), reservations=hosts))
    subnets = json.loads(made.text)["Dhcp4"]["subnet4"]
    assert [[one["ip-address"] for one in each["reservations"]] for each in subnets] == [
        ["192.0.2.8"],
        ["198.51.100.9"],
    ]
    assert "fixed-address 192.0.2.9" in [each.text for each in made.left_out]


def test_a_next_server_that_is_a_name_is_left_out_since_kea_looks_no_names_up():
    made = kea_conf(Server(settings=Settings(boot=Boot(next_server="boot.example.org", filename="x"))))
    assert "next-server" not in json.loads(made.text)["Dhcp4"]
    assert "next-server boot.example.org" in [each.text for each in made.left_out]
