"""The files under /etc/default."""

from __future__ import annotations

import subprocess

import pytest

from dhcp.facts.defaults import RelayDefaults, ServerDefaults
from dhcp.facts.server import Relay, Server
from dhcp.parse.defaults import relay_defaults, server_defaults
from dhcp.render.defaults import isc_dhcp_relay, isc_dhcp_server
from hosts.errors import RenderError


def test_a_shell_reads_what_was_meant():
    text = isc_dhcp_relay(RelayDefaults(("192.0.2.1", "dhcp.example.org"), ("eth0", "eth1"), ("-a", "-D")))
    script = text + 'printf "%s|%s|%s" "$SERVERS" "$INTERFACES" "$OPTIONS"'
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True, timeout=10)
    assert done.stdout == "192.0.2.1 dhcp.example.org|eth0 eth1|-a -D"


def test_a_server_names_its_interfaces():
    assert isc_dhcp_server(ServerDefaults(("eth0",))) == 'INTERFACESv4="eth0"\nINTERFACESv6=""\nOPTIONS=""\n'


def test_a_relay_and_servers_as_facts_are_told_the_same_way():
    assert isc_dhcp_relay(Relay("gate", ("192.0.2.1",), ("eth0",))) == isc_dhcp_relay(
        RelayDefaults(("192.0.2.1",), ("eth0",))
    )
    both = isc_dhcp_server(Server(interfaces=("eth0",)), Server(version=6, interfaces=("eth1",)))
    assert both == isc_dhcp_server(ServerDefaults(("eth0",), ("eth1",)))


def test_what_was_rendered_is_read_again():
    relay, server = RelayDefaults(("192.0.2.1", "b"), ("eth0",), ("-a",)), ServerDefaults(("eth0",), ("eth1",), ("-q",))
    assert relay_defaults(isc_dhcp_relay(relay)) == relay
    assert server_defaults(isc_dhcp_server(server)) == server


def test_a_file_of_a_person_is_read_as_a_shell_reads_it():
    text = "# SERVERS=old\nSERVERS='192.0.2.9'\nexport SERVERS=192.0.2.1 # the gate\nINTERFACES=\"eth0 eth1\"\n"
    assert relay_defaults(text) == RelayDefaults(("192.0.2.1",), ("eth0", "eth1"))
    assert server_defaults(text).interfaces4 == ("eth0", "eth1")


@pytest.mark.parametrize(
    "defaults",
    [
        pytest.param(RelayDefaults(()), id="no server"),
        pytest.param(RelayDefaults(("$(reboot)",)), id="a command"),
        pytest.param(RelayDefaults(('a";b',)), id="a quote"),
        pytest.param(RelayDefaults(("a",), ("eth0 eth1",)), id="a space"),
        pytest.param(RelayDefaults(("a",), ("eth0\n",)), id="a line end"),
    ],
)
def test_what_a_shell_would_read_differently_is_refused(defaults):
    with pytest.raises(RenderError):
        isc_dhcp_relay(defaults)
