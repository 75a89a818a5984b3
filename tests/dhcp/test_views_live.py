"""What the panel says beside a field while it is typed."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests import make
from tests.dhcp.dhcp_pages import operator
from tests.dhcp.sites import the_seed
from tests.hosts.pages import logged_in, text_of, url

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        pytest.param({"default_lease_seconds": "8 h"}, "8 h: a client renews after 4 h (T1)", id="a lease time"),
        pytest.param({"default_lease_seconds": "-1"}, "Never ends", id="a lease without end"),
        pytest.param({"default_lease_seconds": "0600"}, "octal", id="an octal lease time"),
        pytest.param({"max_lease_seconds": "5400"}, "1 h 30 min", id="the longest time"),
        pytest.param({"option": "routers", "value": "10.0.0.1"}, "several with commas", id="an option that fits"),
        pytest.param({"option": "routers", "value": "10.0.0"}, "does not fit", id="an option that does not fit"),
        pytest.param({"option": "nothing", "value": "1"}, "No option is called", id="an unknown option"),
        pytest.param({"first": "192.168.1.100", "last": "192.168.1.140"}, "41 addresses", id="a range"),
        pytest.param({"first": "192.168.1.15", "last": "192.168.1.30"}, "Another range", id="a range that overlaps"),
        pytest.param({"first": "192.168.1.40", "last": "192.168.1.30"}, "before the first", id="a range backwards"),
        pytest.param({"first": "10.0.0.1", "last": "10.0.0.9"}, "no subnet of this server", id="a range elsewhere"),
        pytest.param({"network": "192.168.1.0/25"}, "It overlaps with 192.168.1.0/24", id="an overlapping network"),
        pytest.param({"network": "10.0.0.5/24"}, "Did you mean 10.0.0.0/24?", id="bits beyond the length"),
        pytest.param({"network": "10.0.0.0/24"}, "254 addresses for machines", id="a free network"),
    ],
)
def test_a_field_says_what_it_means(typed: dict[str, str], words: str) -> None:
    server = the_seed()
    query = urlencode({**typed, "server": server.pk})
    assert words in text_of(logged_in(operator()).get(url("dhcp:check", query=query)))


@pytest.mark.parametrize(
    "typed", [{}, {"first": "19"}, {"network": "10."}, {"option": ""}, {"default_lease_seconds": ""}]
)
def test_half_a_word_is_left_alone(typed: dict[str, str]) -> None:
    assert text_of(logged_in(operator()).get(url("dhcp:check", query=urlencode(typed)))).strip() == ""


def test_nothing_is_said_about_a_server_of_another_organization() -> None:
    server = the_seed(host=make.host(organization=make.organization()))
    query = urlencode({"network": "192.168.1.0/25", "server": server.pk})
    text = text_of(logged_in(operator("Operator", make.organization())).get(url("dhcp:check", query=query)))
    assert "overlaps" not in text
    assert logged_in(make.customer(permissions=["dhcp.view_server"])).get(url("dhcp:check")).status_code == 403
