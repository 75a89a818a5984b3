"""Options as people type them, by their types: what is kept, what is refused, and how they come back into the form."""

from __future__ import annotations

import pytest

from dhcp.facts.option_types import kinds
from dhcp.facts.server import OptionDefinition
from dhcp.forms.fields import time_typed
from dhcp.forms.options import option_of, option_typed
from dhcp.models import Server
from dhcp.services.editing import lease_seconds_of
from hosts.errors import BadInput

SERVER = Server(kind="isc", version=4)
CUSTOM = kinds(
    [
        OptionDefinition("cable-way", 224, "array of ip-address"),
        OptionDefinition("LAN.colour", 1, "{ unsigned integer 8, text }"),
    ]
)


@pytest.mark.parametrize(
    ("name", "typed", "values"),
    [
        pytest.param("routers", "192.168.1.254", ["192.168.1.254"], id="one address"),
        pytest.param("routers", "192.168.1.1 192.168.1.2", ["192.168.1.1", "192.168.1.2"], id="addresses with a blank"),
        pytest.param("domain-name", "example.org", ["example.org"], id="a text without quotes"),
        pytest.param("domain-name", '"two words"', ["two words"], id="a text in quotes"),
        pytest.param("root-path", "nfs:/srv, y", ["nfs:/srv, y"], id="a text with a comma"),
        pytest.param("domain-search", "a.example, b.example", ["a.example", "b.example"], id="names"),
        pytest.param("ip-forwarding", "on", ["true"], id="a flag"),
        pytest.param("interface-mtu", "1500", ["1500"], id="a number"),
        pytest.param("static-routes", "10.0.0.0 192.168.0.9", ["10.0.0.0", "192.168.0.9"], id="a pair of addresses"),
        pytest.param("vendor-encapsulated-options", "01:04:aa", ["01:04:aa"], id="hex"),
        pytest.param("cable-way", "192.168.0.7", ["192.168.0.7"], id="an own definition"),
        pytest.param("LAN.colour", '7 "deep blue"', ["7", "deep blue"], id="a record"),
    ],
)
def test_a_value_that_fits_is_kept_in_the_fields_of_its_type_and_comes_back_as_typed(name, typed, values) -> None:
    found = option_of(name, typed, SERVER, CUSTOM)
    assert found == {"name": name, "values": values, "expression": ""}
    assert option_of(name, option_typed(found, CUSTOM), SERVER, CUSTOM) == found


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        pytest.param("routers", "192.168.1.999", id="a number beyond 255"),
        pytest.param("routers", "192.168.1", id="three numbers"),
        pytest.param("routers", "3232235777", id="an address as one number"),
        pytest.param("routers", "", id="nothing"),
        pytest.param("interface-mtu", "0600", id="an octal number"),
        pytest.param("interface-mtu", "70000", id="a number too large for its type"),
        pytest.param("ip-forwarding", "perhaps", id="no flag"),
        pytest.param("static-routes", "10.0.0.0", id="half a pair"),
        pytest.param("domain-search", "a b; }", id="what would end the statement"),
        pytest.param("no-such-option", "1", id="an unknown option"),
        pytest.param("", "192.168.1.1", id="no name"),
    ],
)
def test_a_value_that_does_not_fit_its_type_is_refused_in_words(name, typed) -> None:
    with pytest.raises(BadInput) as refused:
        option_of(name, typed, SERVER, CUSTOM)
    assert name in str(refused.value)


def test_an_expression_is_kept_for_dhcpd_alone() -> None:
    found = option_of("host-name", '= concat("a", "b")', SERVER, {})
    assert found["expression"] == '= concat("a", "b")'
    assert option_typed(found, {}) == '= concat("a", "b")'
    kea = option_of("host-name", '= concat("a", "b")', Server(kind="kea", version=4), {})
    assert kea["expression"] == ""


@pytest.mark.parametrize("seconds", [None, 0, 45, 90, 5400, 28800, 86400, 604800, 2**32 - 1])
def test_a_lease_time_is_typed_as_it_is_read(seconds: int | None) -> None:
    assert lease_seconds_of(time_typed(seconds), "default") == seconds
