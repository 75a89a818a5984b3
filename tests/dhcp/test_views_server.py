"""The pages of one DHCP server: made, edited, taken over from its host, reviewed, planned, taken out again."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dhcp.choices import ErrandKind, ErrandState
from dhcp.models import Errand, Server
from hosts.models import Change, Rollout
from hosts.services.contents import keep_content
from tests import make
from tests.dhcp.dhcp_pages import a_relay, many_networks, operator, seed_in_use
from tests.dhcp.sites import a_server, a_subnet, the_seed
from tests.hosts.pages import logged_in, said, text_of, url

pytestmark = pytest.mark.django_db
CONF = """
option domain-name "example.org";
default-lease-time 600;
subnet 192.168.0.0 netmask 255.255.255.0 { range 192.168.0.10 192.168.0.20; }
host web { hardware ethernet 00:16:3e:cf:e6:3a; fixed-address 192.168.0.15; }
if exists agent.circuit-id { log(info, "relayed"); }
"""


def settings(server: Server, **more: Any) -> dict[str, Any]:
    """What the form of settings sends."""
    row = {"warn_percent": "80", "alarm_percent": "95", "interfaces": " ".join(server.interfaces)}
    return {**row, "options-name": ["", ""], "options-value": ["", ""], **more}


def read_on_host(server: Server, text: str) -> Errand:
    """An errand that brought a configuration."""
    path = "/etc/dhcp/dhcpd.conf"
    return Errand.objects.create(
        server=server,
        kind=ErrandKind.READ_CONFIG,
        state=ErrandState.DONE,
        answer={"config": path, "files": {path: keep_content(text.encode()).pk}, "interfaces": ["eth1"]},
        done_at=timezone.now(),
    )


def test_a_new_server_is_made_on_a_host_and_leads_to_taking_over() -> None:
    host = make.host("dhcp01")
    client = logged_in(operator())
    answer = client.post(
        url("dhcp:server-new"), {"host": host.pk, "kind": "isc", "version": "4", "interfaces": "eth1, eth2"}
    )
    server = Server.objects.get(host=host)
    assert (answer.status_code, answer["Location"]) == (302, url("dhcp:take-over", server.pk))
    assert server.interfaces == ["eth1", "eth2"]


@pytest.mark.parametrize("typed", ["dhcp01", " DHCP01 "])
def test_a_host_is_chosen_by_its_name(typed: str) -> None:
    host = make.host("dhcp01")
    form = logged_in(operator()).get(url("dhcp:server-new"))
    assert f'data-suggests="{url("hosts:host-find")}?role=dhcp_server"' in text_of(form)
    logged_in(operator()).post(url("dhcp:server-new"), {"host": typed, "kind": "isc", "version": "4"})
    assert Server.objects.get().host == host


def test_a_host_that_nobody_knows_is_said_at_the_field_and_what_was_typed_stays() -> None:
    answer = logged_in(operator()).post(url("dhcp:server-new"), {"host": "dhpc01", "kind": "isc", "version": "4"})
    assert answer.status_code == 422
    assert "There is no host “dhpc01” that you may choose." in text_of(answer)
    assert 'value="dhpc01"' in text_of(answer)


def test_a_second_server_of_one_ip_version_is_refused_and_what_was_typed_stays() -> None:
    server = a_server("dhcp01")
    answer = logged_in(operator()).post(
        url("dhcp:server-new"), {"host": server.host_id, "kind": "isc", "version": "4", "interfaces": "eth7"}
    )
    assert answer.status_code == 422
    assert "This host has a DHCP server of this IP version." in text_of(answer)
    assert "eth7" in text_of(answer)


def test_a_host_of_another_organization_cannot_be_chosen() -> None:
    host = make.host("theirs", organization=make.organization())
    answer = logged_in(operator("Operator", make.organization())).post(
        url("dhcp:server-new"), {"host": host.pk, "kind": "isc", "version": "4"}
    )
    assert answer.status_code == 422
    assert not Server.objects.exists()


def test_settings_are_saved_by_type_and_in_words() -> None:
    server = the_seed()
    sent = settings(
        server,
        default_lease_seconds="8 h",
        max_lease_seconds="infinite",
        **{
            "options-name": ["domain-name", "domain-name-servers"],
            "options-value": ["example.org", "192.168.0.1 192.168.0.2"],
        },
        **{"parameters-name": ["authoritative"], "parameters-value": [";"]},
        raw='log(info, "hello");',
    )
    answer = logged_in(operator()).post(url("dhcp:server-edit", server.pk), sent)
    assert answer.status_code == 302, text_of(answer)
    server.refresh_from_db()
    assert (server.default_lease_seconds, server.max_lease_seconds) == (28800, 2**32 - 1)
    assert [(each["name"], each["values"]) for each in server.options] == [
        ("domain-name", ["example.org"]),
        ("domain-name-servers", ["192.168.0.1", "192.168.0.2"]),
    ]
    assert server.parameters == [["authoritative", ""]]
    assert server.raw == ['log(info, "hello");']
    shown = text_of(logged_in(operator()).get(url("dhcp:server", server.pk)))
    assert "not understood" in shown
    assert "8 h" in shown


@pytest.mark.parametrize(
    ("typed", "said_so"),
    [
        pytest.param({"default_lease_seconds": "0600"}, "octal", id="an octal lease time"),
        pytest.param({"default_lease_seconds": "soon"}, "is no lease time", id="no lease time"),
        pytest.param(
            {"options-name": ["routers"], "options-value": ["192.168.1.999"]}, "does not fit", id="a bad option"
        ),
        pytest.param({"raw": "if true {"}, "nothing closes", id="a brace that nothing closes"),
    ],
)
def test_what_cannot_be_sent_is_refused_at_the_form_and_nothing_typed_is_lost(typed, said_so) -> None:
    server = the_seed()
    revision = Server.objects.get(pk=server.pk).revision
    answer = logged_in(operator()).post(url("dhcp:server-edit", server.pk), settings(server, **typed))
    text = text_of(answer)
    assert answer.status_code == 422
    assert "What was typed is still here." in text
    assert said_so in text
    for value in typed.values():
        assert (value if isinstance(value, str) else value[0]) in text
    assert Server.objects.get(pk=server.pk).revision == revision


def test_the_page_of_a_server_with_much_costs_no_more_queries_than_with_little() -> None:
    server, _subnet = seed_in_use()
    client = logged_in(operator())
    client.get(url("dhcp:server", server.pk))
    with CaptureQueriesContext(connection) as little:
        client.get(url("dhcp:server", server.pk))
    many_networks(server, 30)
    with CaptureQueriesContext(connection) as much:
        client.get(url("dhcp:server", server.pk))
    assert len(much) <= len(little) + 1 <= 45


def test_a_network_is_found_by_its_name() -> None:
    server, _subnet = seed_in_use()
    many_networks(server, 5)
    text = text_of(logged_in(operator()).get(url("dhcp:server", server.pk, query="q=b network")))
    assert "192.168.1.0/24" in text
    assert "10.3.0.0/24" not in text


def test_what_would_be_sent_is_shown_with_what_it_means() -> None:
    server, _subnet = seed_in_use()
    text = text_of(logged_in(operator()).get(url("dhcp:server-file", server.pk)))
    assert "Adds the subnet" in text
    assert "dhcpd restarts" in text
    assert "fixed-address" in text
    assert "Together with its relay" in text


def test_a_server_without_a_subnet_is_not_sent_and_says_why() -> None:
    server = a_server()
    text = text_of(logged_in(operator()).get(url("dhcp:server-file", server.pk)))
    assert "has no subnet yet" in text
    assert "Plan the change" not in text


def test_planning_leads_to_a_change_that_is_compared(django_capture_on_commit_callbacks: Any) -> None:
    server, _subnet = seed_in_use()
    answer = logged_in(operator()).post(url("dhcp:server-plan", server.pk), {"why": "the B network"})
    change = Change.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, change.get_absolute_url())
    assert (change.host, change.why) == (server.host, "the B network")
    shown = text_of(logged_in(operator()).get(url("dhcp:server", server.pk)))
    assert "A change is under way" in shown
    assert f"Change #{change.pk}" in shown


def test_a_server_and_its_relays_are_one_rollout() -> None:
    server, _subnet = seed_in_use()
    answer = logged_in(operator()).post(url("dhcp:server-plan", server.pk), {"with": "relays"})
    rollout = Rollout.objects.get()
    assert answer["Location"] == rollout.get_absolute_url()
    names = rollout.changes.order_by("position").values_list("host__name", flat=True)
    assert list(names) == ["dhcp01.lab", "relay01"]


def test_reading_the_host_is_asked_once_and_waited_for() -> None:
    server = a_server()
    client = logged_in(operator())
    for _ in range(2):
        assert client.post(url("dhcp:server-read", server.pk)).status_code == 302
    assert Errand.objects.count() == 1
    assert "hx-get" in text_of(client.get(url("dhcp:take-over", server.pk)))
    state = client.get(url("dhcp:take-over-state", server.pk))
    assert state.status_code == 200
    Errand.objects.update(state=ErrandState.FAILED, why="The host is away.")
    state = client.get(url("dhcp:take-over-state", server.pk))
    assert (state.status_code, "The host is away." in text_of(state)) == (286, True)


def test_what_was_read_is_shown_and_taken_over() -> None:
    server = a_server()
    read_on_host(server, CONF)
    client = logged_in(operator())
    text = text_of(client.get(url("dhcp:take-over", server.pk)))
    assert "Kept word for word" in text
    assert "agent.circuit-id" in text
    assert "lies in a range" in text  # 192.168.0.15 is reserved within 10-20
    answer = client.post(url("dhcp:take-over", server.pk))
    assert answer["Location"] == url("dhcp:server", server.pk)
    server.refresh_from_db()
    assert (server.subnets.count(), server.reservations.count(), server.interfaces) == (1, 1, ["eth1"])


def test_rows_that_are_there_are_only_replaced_when_somebody_says_so() -> None:
    server = a_server()
    a_subnet(server, "10.0.0.0/24")
    read_on_host(server, CONF)
    client = logged_in(operator())
    answer = client.post(url("dhcp:take-over", server.pk))
    assert "Nothing was taken over." in said(answer)[0]
    client.post(url("dhcp:take-over", server.pk), {"replace": "1"})
    assert list(server.subnets.values_list("network", flat=True)) == ["192.168.0.0/24"]


def test_a_configuration_that_cannot_be_read_says_where() -> None:
    server = a_server()
    read_on_host(server, "subnet 192.168.0.0 netmask {")
    text = text_of(logged_in(operator()).get(url("dhcp:take-over", server.pk)))
    assert "cannot be understood" in text


def test_a_server_goes_after_its_name_was_typed() -> None:
    server = the_seed(host_name="dhcp01")
    client = logged_in(operator())
    assert "subnets" in text_of(client.get(url("dhcp:server-delete", server.pk)))
    client.post(url("dhcp:server-delete", server.pk), {"name": "dhcp02"})
    assert Server.objects.exists()
    client.post(url("dhcp:server-delete", server.pk), {"name": "dhcp01"})
    assert not Server.objects.exists()


PAGES = ("server", "server-edit", "server-file", "take-over", "take-over-state", "server-delete")


@pytest.mark.parametrize("name", PAGES)
def test_a_server_of_another_organization_is_nowhere(name: str) -> None:
    server = the_seed(host=make.host(organization=make.organization()))
    assert logged_in(operator("Operator", make.organization())).get(url(f"dhcp:{name}", server.pk)).status_code == 404


@pytest.mark.parametrize("name", ["server-plan", "server-read", "take-over", "server-delete", "server-edit"])
def test_nothing_is_done_to_a_server_of_another_organization(name: str) -> None:
    server = the_seed(host=make.host(organization=make.organization()))
    client = logged_in(operator("Operator", make.organization()))
    assert client.post(url(f"dhcp:{name}", server.pk), {"name": str(server)}).status_code == 404
    assert Server.objects.exists()
    assert not Change.objects.exists()
    assert not Errand.objects.exists()


@pytest.mark.parametrize("name", ["server-edit", "take-over", "server-delete"])
def test_a_viewer_changes_nothing(name: str) -> None:
    server = the_seed()
    assert logged_in(operator("Viewer")).get(url(f"dhcp:{name}", server.pk)).status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_a_customer_sees_no_server(name: str) -> None:
    server = the_seed()
    customer = make.customer(permissions=["dhcp.view_server", "dhcp.change_server", "dhcp.delete_server"])
    assert logged_in(customer).get(url(f"dhcp:{name}", server.pk)).status_code == 403


def test_a_relay_that_asks_the_server_is_named_at_it() -> None:
    server = the_seed()
    server.addresses = ["192.168.0.1/24"]
    server.save()
    a_relay(server, "relay07")
    assert "relay07" in text_of(logged_in(operator()).get(url("dhcp:server", server.pk)))
