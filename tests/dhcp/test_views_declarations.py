"""Forms of all that a server is made of: each saves, refuses at its field, and asks where leases lose their addresses."""

from __future__ import annotations

from typing import Any

import pytest

from dhcp.models import (
    ClientClass,
    Definition,
    Group,
    Key,
    Lease,
    Peer,
    Pool,
    Server,
    SharedNetwork,
    Space,
    Subclass,
    Subnet,
    Zone,
)
from dhcp.views.kinds import KINDS
from tests import make
from tests.dhcp.dhcp_pages import lease, operator
from tests.dhcp.sites import a_subnet, the_seed
from tests.hosts.pages import logged_in, said, text_of, url

pytestmark = pytest.mark.django_db
SECRET = "pRP5FapFoJ95JEL06sv4PQ=="


def ranges(*rows: tuple[str, str, str]) -> dict[str, list[str]]:
    """A table of ranges as a browser sends it, with the empty row at its end."""
    columns = ("first", "last", "kind")
    return {f"ranges-{name}": [*(row[at] for row in rows), ""] for at, name in enumerate(columns)}


def options(*rows: tuple[str, str]) -> dict[str, list[str]]:
    """A table of options."""
    return {"options-name": [*(name for name, _ in rows), ""], "options-value": [*(value for _, value in rows), ""]}


def test_a_subnet_is_added_with_its_ranges_and_options() -> None:
    server = the_seed()
    sent = {
        "network": "192.168.2.0/24",
        "name": "C network",
        "default_lease_seconds": "-1",
        **ranges(("192.168.2.10", "192.168.2.20", ""), ("192.168.2.30", "", "bootp")),
        **options(("routers", "192.168.2.254"), ("domain-name", "c.example")),
    }
    answer = logged_in(operator()).post(url("dhcp:new", server.pk, "subnets"), sent)
    subnet = Subnet.objects.get(network="192.168.2.0/24")
    assert answer["Location"] == url("dhcp:subnet", subnet.pk)
    found = [(each.first, each.last, each.is_bootp) for each in subnet.pools.get().ranges.all()]
    assert found == [("192.168.2.10", "192.168.2.20", False), ("192.168.2.30", "192.168.2.30", True)]
    assert subnet.default_lease_seconds == 2**32 - 1
    assert subnet.options[0] == {"name": "routers", "values": ["192.168.2.254"], "expression": ""}
    assert "No host was touched" in said(answer)[0]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        pytest.param({"network": "192.168.1.0/25"}, "Two subnets overlap", id="overlapping subnets"),
        pytest.param({"network": "192.168.2.7/24"}, "Did you mean 192.168.2.0/24?", id="bits beyond the length"),
        pytest.param({"network": "here"}, "is no IPv4 network", id="no network"),
        pytest.param(
            {"network": "192.168.2.0/24", **ranges(("192.168.3.10", "192.168.3.20", ""))},
            "is not within its subnet",
            id="a range outside",
        ),
        pytest.param(
            {"network": "192.168.2.0/24", **ranges(("192.168.2.20", "192.168.2.10", ""))},
            "written backwards",
            id="a range written backwards",
        ),
        pytest.param(
            {"network": "192.168.2.0/24", **ranges(("dhcp", "", ""))}, "is no IPv4 address", id="a range of words"
        ),
        pytest.param(
            {"network": "192.168.2.0/24", **options(("routers", "192.168.2.999"))}, "does not fit", id="a bad option"
        ),
    ],
)
def test_a_wrong_subnet_is_refused_with_words_and_nothing_typed_is_lost(sent: dict[str, Any], words: str) -> None:
    server = the_seed()
    answer = logged_in(operator()).post(url("dhcp:new", server.pk, "subnets"), {"name": "typed name", **sent})
    text = text_of(answer)
    assert answer.status_code == 422
    assert words in text
    assert "What was typed is still here." in text
    for value in ("typed name", *(each[0] if isinstance(each, list) else each for each in sent.values())):
        assert value in text
    assert Subnet.objects.count() == 2


def test_a_refused_subnet_is_saved_once_it_is_corrected() -> None:
    server = the_seed()
    client = logged_in(operator())
    address = url("dhcp:new", server.pk, "subnets")
    assert client.post(address, {"network": "192.168.1.0/24"}).status_code == 422
    assert client.post(address, {"network": "192.168.2.0/24"}).status_code == 302


def test_an_option_that_nobody_touched_stays_as_it_was_written() -> None:
    server = the_seed()
    subnet = server.subnets.get(network="192.168.1.0/24")
    kept = [{"name": "host-name", "values": [], "expression": '= concat("a", "b")'}]
    Subnet.objects.filter(pk=subnet.pk).update(options=kept, raw=["first;", "second;"])
    client = logged_in(operator())
    page = text_of(client.get(url("dhcp:edit", "subnets", subnet.pk)))
    assert "= concat(&quot;a&quot;, &quot;b&quot;)" in page
    sent = {
        "network": subnet.network,
        "name": "named",
        "raw": "first;\r\nsecond;",
        **ranges(("192.168.1.10", "192.168.1.20", "")),
        **options(("host-name", '= concat("a", "b")')),
    }
    assert client.post(url("dhcp:edit", "subnets", subnet.pk), sent).status_code == 302
    subnet.refresh_from_db()
    assert (subnet.name, subnet.options, subnet.raw) == ("named", kept, ["first;", "second;"])


def test_all_options_can_be_taken_away() -> None:
    subnet = the_seed().subnets.get(network="192.168.1.0/24")
    sent = {"network": subnet.network, **ranges(("192.168.1.10", "192.168.1.20", "")), **options()}
    logged_in(operator()).post(url("dhcp:edit", "subnets", subnet.pk), sent)
    subnet.refresh_from_db()
    assert subnet.options == []


def test_a_range_that_shrinks_under_live_leases_is_asked_about_first() -> None:
    server = the_seed()
    subnet = server.subnets.get(network="192.168.1.0/24")
    lease(server, "192.168.1.19", 7)
    client, address = logged_in(operator()), url("dhcp:edit", "subnets", subnet.pk)
    sent = {"network": subnet.network, **ranges(("192.168.1.10", "192.168.1.15", ""))}
    answer = client.post(address, sent)
    assert answer.status_code == 422
    assert "Is that meant?" in text_of(answer)
    assert "192.168.1.15" in text_of(answer)
    assert subnet.pools.get().ranges.get().last == "192.168.1.20"
    assert client.post(address, {**sent, "confirmed": "1"}).status_code == 302
    assert subnet.pools.get().ranges.get().last == "192.168.1.15"


def test_a_range_drawn_on_the_map_stands_in_the_form_of_a_pool() -> None:
    server = the_seed()
    subnet = server.subnets.get(network="192.168.1.0/24")
    query = f"subnet={subnet.pk}&first=192.168.1.100&last=192.168.1.140"
    text = text_of(logged_in(operator()).get(url("dhcp:new", server.pk, "pools", query=query)))
    assert 'value="192.168.1.100"' in text
    assert 'value="192.168.1.140"' in text


def test_a_pool_is_added_to_a_subnet_with_who_may_have_it() -> None:
    server = the_seed()
    subnet = server.subnets.get(network="192.168.1.0/24")
    address = url("dhcp:new", server.pk, "pools", query=f"subnet={subnet.pk}")
    sent = {
        "name": "phones",
        **ranges(("192.168.1.100", "192.168.1.140", "")),
        "permits-verb": ["deny", ""],
        "permits-who": ["unknown-clients;", ""],
    }
    answer = logged_in(operator()).post(address, sent)
    pool = Pool.objects.get(name="phones")
    assert answer["Location"] == url("dhcp:subnet", subnet.pk)
    assert (pool.subnet, pool.is_plain, pool.permits) == (subnet, False, [["deny", "unknown-clients"]])


def test_a_pool_without_addresses_and_a_class_that_is_not_there_are_refused() -> None:
    server = the_seed()
    subnet = server.subnets.get(network="192.168.1.0/24")
    client, address = logged_in(operator()), url("dhcp:new", server.pk, "pools", query=f"subnet={subnet.pk}")
    assert "at least one range" in text_of(client.post(address, {**ranges()}))
    sent = {**ranges(("192.168.1.100", "", "")), "permits-verb": ["allow"], "permits-who": ['members of "phones"']}
    assert "No class is called phones" in text_of(client.post(address, sent))
    assert not Pool.objects.filter(is_plain=False).exists()


@pytest.mark.parametrize(
    ("slug", "sent", "model"),
    [
        pytest.param("shared-networks", {"name": "second floor"}, SharedNetwork, id="shared network"),
        pytest.param("groups", {"name": "desks", "default_lease_seconds": "1 h"}, Group, id="group"),
        pytest.param("classes", {"name": "cards", "match": "hardware", "lease_limit": "4"}, ClientClass, id="class"),
        pytest.param(
            "definitions", {"name": "cable-way", "code": "224", "type": "array of ip-address"}, Definition, id="option"
        ),
        pytest.param("spaces", {"name": "LAN", "widths": ""}, Space, id="space"),
        pytest.param("zones", {"name": "example.org.", "primary": "192.168.0.1"}, Zone, id="zone"),
        pytest.param("keys", {"name": "ddns", "algorithm": "hmac-sha256", "secret": SECRET}, Key, id="key"),
        pytest.param(
            "peers",
            {
                "name": "pair",
                "is_primary": "on",
                "address": "192.168.0.1",
                "peer_address": "192.168.0.2",
                "mclt_seconds": "3600",
                "split": "128",
                "others-name": "",
                "others-value": "",
            },
            Peer,
            id="failover half",
        ),
    ],
)
def test_each_kind_is_added_changed_and_deleted(slug: str, sent: dict[str, str], model: Any) -> None:
    server = the_seed()
    client = logged_in(operator())
    answer = client.post(url("dhcp:new", server.pk, slug), sent)
    assert answer.status_code == 302, text_of(answer)
    row = model.objects.get(name=sent["name"])
    assert client.get(url("dhcp:edit", slug, row.pk)).status_code == 200
    assert client.post(url("dhcp:edit", slug, row.pk), {**sent, "note": "kept"}).status_code == 302
    assert sent["name"] in text_of(client.get(url("dhcp:server", server.pk)))
    assert client.get(url("dhcp:delete", slug, row.pk)).status_code == 200
    assert client.post(url("dhcp:delete", slug, row.pk)).status_code == 302
    assert not model.objects.filter(name=sent["name"]).exists()


def test_a_subclass_is_added_to_a_class() -> None:
    server = the_seed()
    client = logged_in(operator())
    client.post(url("dhcp:new", server.pk, "classes"), {"name": "cards", "match": "hardware"})
    answer = client.post(url("dhcp:new", server.pk, "subclasses"), {"of": "cards", "data": "1:00:16:3e:00:00:01"})
    assert answer.status_code == 302, text_of(answer)
    assert Subclass.objects.get().of == "cards"


def test_the_secret_of_a_key_is_taken_and_never_shown_again() -> None:
    server = the_seed()
    client = logged_in(operator())
    client.post(url("dhcp:new", server.pk, "keys"), {"name": "ddns", "algorithm": "hmac-sha256", "secret": SECRET})
    key = Key.objects.get()
    assert SECRET not in text_of(client.get(url("dhcp:edit", "keys", key.pk)))
    client.post(url("dhcp:edit", "keys", key.pk), {"name": "ddns", "algorithm": "hmac-sha512", "secret": ""})
    key.refresh_from_db()
    assert (key.algorithm, key.secret.open().decode()) == ("hmac-sha512", SECRET)
    wrong = client.post(
        url("dhcp:new", server.pk, "keys"), {"name": "x", "algorithm": "hmac-md5", "secret": "no base64!"}
    )
    assert "no base64" in text_of(wrong)
    assert wrong.status_code == 422


def test_deleting_a_subnet_says_what_goes_along_and_asks_where_leases_are_live() -> None:
    server = the_seed()
    subnet = server.subnets.get(network="192.168.1.0/24")
    lease(server, "192.168.1.12")
    client, address = logged_in(operator()), url("dhcp:delete", "subnets", subnet.pk)
    assert "What goes along" in text_of(client.get(address))
    answer = client.post(address)
    assert answer.status_code == 422
    assert "Nothing was deleted yet" in text_of(answer)
    assert client.post(address, {"confirmed": "1"})["Location"] == url("dhcp:server", server.pk)
    assert not Subnet.objects.filter(pk=subnet.pk).exists()
    assert Lease.objects.exists()


def test_a_group_does_not_stand_in_itself() -> None:
    server = the_seed()
    client = logged_in(operator())
    client.post(url("dhcp:new", server.pk, "groups"), {"name": "outer"})
    outer = Group.objects.get()
    client.post(url("dhcp:new", server.pk, "groups"), {"name": "inner", "parent": outer.pk})
    inner = Group.objects.get(name="inner")
    assert inner.parent == outer
    client.post(url("dhcp:edit", "groups", outer.pk), {"name": "outer", "parent": inner.pk})
    outer.refresh_from_db()
    assert outer.parent is None


def test_where_a_row_stands_must_be_of_its_server() -> None:
    server, other = the_seed(), the_seed()
    subnet = other.subnets.first()
    address = url("dhcp:new", server.pk, "pools", query=f"subnet={subnet.pk}")
    assert logged_in(operator()).get(address).status_code == 404


def test_an_ipv6_subnet_takes_prefixes_to_delegate() -> None:
    server = Server(host=make.host(), version=6)
    server.save()
    sent = {
        "network": "2001:db8:1::/64",
        **ranges(("2001:db8:1::100", "2001:db8:1::1ff", ""), ("2001:db8:100::", "2001:db8:100:f00::", "56")),
    }
    answer = logged_in(operator()).post(url("dhcp:new", server.pk, "subnets"), sent)
    assert answer.status_code == 302, text_of(answer)
    lengths = Subnet.objects.get().pools.get().ranges.order_by("position").values_list("prefix_length", flat=True)
    assert list(lengths) == [None, 56]


@pytest.mark.parametrize("slug", KINDS)
def test_no_form_is_for_somebody_who_only_looks(slug: str) -> None:
    server = the_seed()
    assert logged_in(operator("Viewer")).get(url("dhcp:new", server.pk, slug)).status_code == 403


@pytest.mark.parametrize("slug", KINDS)
def test_every_form_opens(slug: str) -> None:
    server = the_seed()
    subnet = server.subnets.first()
    query = f"subnet={subnet.pk}" if slug == "pools" else ""
    assert logged_in(operator()).get(url("dhcp:new", server.pk, slug, query=query)).status_code == 200


def test_rows_of_another_organization_are_nowhere() -> None:
    server = the_seed(host=make.host(organization=make.organization()))
    subnet = server.subnets.first()
    client = logged_in(operator("Operator", make.organization()))
    assert client.get(url("dhcp:new", server.pk, "subnets")).status_code == 404
    assert client.post(url("dhcp:new", server.pk, "subnets"), {"network": "10.0.0.0/24"}).status_code == 404
    for name in ("edit", "delete"):
        assert client.get(url(f"dhcp:{name}", "subnets", subnet.pk)).status_code == 404
        assert client.post(url(f"dhcp:{name}", "subnets", subnet.pk)).status_code == 404
    assert Subnet.objects.count() == 2


def test_a_kind_that_is_none_is_not_found_and_customers_see_nothing() -> None:
    server = the_seed()
    assert logged_in(operator()).get(url("dhcp:new", server.pk, "hosts")).status_code == 404
    customer = make.customer(permissions=["dhcp.view_server", "dhcp.add_subnet"])
    assert logged_in(customer).get(url("dhcp:new", server.pk, "subnets")).status_code == 403


def test_a_form_of_a_server_with_many_networks_costs_no_more_queries(django_assert_max_num_queries: Any) -> None:
    server = the_seed()
    for number in range(20):
        a_subnet(server, f"10.{number}.0.0/24")
    client = logged_in(operator())
    client.get(url("dhcp:new", server.pk, "subnets"))
    with django_assert_max_num_queries(24):
        client.get(url("dhcp:new", server.pk, "subnets"))


def test_a_failover_pair_is_written_at_both_servers_at_once() -> None:
    server, other = the_seed(), the_seed()
    sent = {
        "name": "pair",
        "partner": other.pk,
        "writes_both": "on",
        "address": "192.168.0.1",
        "peer_address": "192.168.0.2",
        "port": "647",
        "mclt_seconds": "3600",
        "split": "128",
    }
    client, address = logged_in(operator()), url("dhcp:new", server.pk, "peers")
    assert client.post(address, sent).status_code == 302
    half, twin = server.peers.get(), other.peers.get()
    assert (half.is_primary, half.mclt_seconds, half.split) == (False, None, None)
    assert (twin.is_primary, twin.mclt_seconds, twin.split) == (True, 3600, 128)
    assert (twin.address, twin.peer_address, twin.peer_port, twin.partner) == (
        "192.168.0.2",
        "192.168.0.1",
        647,
        server,
    )
    third = the_seed()
    again = client.post(url("dhcp:new", third.pk, "peers"), sent)
    assert "has a half of that name already" in text_of(again)
    assert not third.peers.exists()


def test_a_server_of_kea_has_its_own_members_in_place_of_raw_text_and_is_shown_as_json() -> None:
    server = the_seed(kind="kea")
    client = logged_in(operator())
    form = text_of(client.get(url("dhcp:server-edit", server.pk)))
    assert 'name="kea"' in form
    assert 'name="raw"' not in form
    sent = {"warn_percent": "80", "alarm_percent": "95", "kea": '{"valid-lifetime-extra": 1'}
    wrong = client.post(url("dhcp:server-edit", server.pk), sent)
    assert "That is no JSON" in text_of(wrong)
    assert "valid-lifetime-extra" in text_of(wrong)
    shown = text_of(client.get(url("dhcp:server-file", server.pk)))
    assert "Dhcp4" in shown
    assert "192.168.1.10" in shown
