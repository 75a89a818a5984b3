"""Whose a MAC is, by the newest facts of hosts: a card of theirs, or a function that a guest has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hosts.facts.hardware import Link, VfLink
from hosts.facts.report import HostReport
from hosts.models import NetworkCard
from hosts.rules.cards import cards_of
from hosts.services.cards import cards_with
from hosts.services.facts import record_facts
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ONE, TWO, GUEST = "02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:99"


def report(*links: Link) -> HostReport:
    return HostReport(links=links)


def a_card(mac: str = ONE, *functions: str) -> Link:
    return Link(name="eth0", mac=mac.upper(), vfs=tuple(VfLink(n, mac=vf) for n, vf in enumerate(functions)))


def test_cards_and_what_they_give_to_guests() -> None:
    found = cards_of(report(a_card(ONE, GUEST, "00:00:00:00:00:00"), Link(name="vif1.0", mac="fe:ff:ff:ff:ff:ff")))
    assert found == {ONE: "eth0", GUEST: "eth0 VF 0"}
    assert cards_of(None) == {}


def test_they_follow_the_facts() -> None:
    host = make.host("xen01")
    record_facts(host, report(a_card(ONE, GUEST)), taken_at=NOW)
    assert str(cards_with([GUEST.upper(), "", TWO], make.admin())[GUEST]) == "xen01 eth0 VF 0"
    record_facts(host, report(a_card(TWO)), taken_at=NOW + timedelta(hours=1))
    record_facts(host, report(a_card(TWO)), taken_at=NOW + timedelta(hours=2))
    assert list(NetworkCard.objects.values_list("mac", "name")) == [(TWO, "eth0")]


def test_hosts_of_others_are_not_named() -> None:
    mine = make.organization()
    for organization in (mine, make.organization()):
        record_facts(make.host(organization=organization), report(a_card(ONE)), taken_at=NOW)
    found = cards_with([ONE], make.user(organizations=[mine]))
    assert found[ONE].host.organization == mine
    assert cards_with([ONE], make.user()) == {}
