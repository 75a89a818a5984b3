"""Why a machine gets no address: findings that are about its own way to the server, and no others."""

from __future__ import annotations

import pytest

from dhcp.models import Problem, Server
from dhcp.services.diagnoses import diagnose
from hosts.choices import Severity
from hosts.facts.words import plain
from tests import make
from tests.dhcp.clients import ANNE, a_lease, an_exchange
from tests.dhcp.sites import the_seed

pytestmark = pytest.mark.django_db
NOW = make.ago(seconds=0)


def found(server: Server, rule: str, subject: str) -> None:
    """A finding of the picture."""
    Problem.objects.create(
        server=server, source="picture", rule=rule, subject=subject, severity=Severity.CRITICAL,
        title=plain(f"{rule} {subject}"), found_at=NOW, seen_at=NOW,
    )  # fmt: skip


@pytest.fixture
def server() -> Server:
    """With two relays that pass on for networks it does not know, and a route that is missing."""
    made = the_seed(host_name="dhcp01")
    for subject in ("192.168.1.254 (relay01)", "192.168.1.25 (relay02)", "10.9.0.254 (relay03)"):
        found(made, "dhcp.relay.no-subnet", subject)
    found(made, "dhcp.relay.no-route", "relay01")
    return made


def subjects(text: str) -> set[str]:
    return {row.subject for row in diagnose(text, make.admin(), now=NOW).problems}


def test_a_machine_is_told_of_its_own_relay_only(server: Server) -> None:
    an_exchange(server, ANNE, relay="192.168.1.254", via="192.168.1.254")
    assert subjects(ANNE) == {"192.168.1.254 (relay01)", "relay01"}


def test_where_no_conversation_tells_the_relay_all_are_named(server: Server) -> None:
    a_lease(server, "192.168.1.14", ANNE)
    assert len(subjects(ANNE)) == 4


def test_a_machine_beside_the_server_is_told_of_no_relay_network(server: Server) -> None:
    an_exchange(server, ANNE, via="eth0")
    assert subjects(ANNE) == {"relay01"}
