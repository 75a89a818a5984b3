"""Hosts that are offered while somebody types in a field of one host."""

from __future__ import annotations

import pytest

from hosts.choices import HostRole
from hosts.models import HostRoleRow
from tests import make
from tests.hosts.pages import logged_in, text_of, url

pytestmark = pytest.mark.django_db


def offered(person, **said: str) -> list[str]:
    text = text_of(logged_in(person).get(url("hosts:host-find"), said))
    return [part.partition('"')[0] for part in text.split('data-value="')[1:]]


def test_those_with_the_role_come_first_and_each_word_has_to_fit() -> None:
    plain, suited = make.host("xen01", address="10.0.0.1"), make.host("xen02", address="10.0.0.2")
    HostRoleRow.objects.create(host=suited, role=HostRole.DHCP_SERVER)
    admin = make.admin()
    assert offered(admin, role="dhcp_server") == [suited.name, plain.name]
    assert offered(admin, q="XEN 0.1", role="dhcp_server") == [plain.name]
    assert offered(admin, q="nothing") == []


def test_only_hosts_of_ones_organizations_are_offered_and_to_those_alone_who_may_see_hosts() -> None:
    mine = make.organization()
    make.host("theirs", organization=make.organization())
    own = make.host("own", organization=mine)
    assert offered(make.operator(organizations=[mine])) == [own.name]
    assert logged_in(make.user(organizations=[mine])).get(url("hosts:host-find")).status_code == 403


def test_so_many_as_can_be_read() -> None:
    for n in range(15):
        make.host(f"host{n:02}")
    assert len(offered(make.admin())) == 10
