"""The page of all networks, as those see it who may and those who may not."""

from __future__ import annotations

import pytest
from django.urls import reverse

from dhcp.models import Server
from dhcp.services.roles import ensure_dhcp_rights
from hosts.services.access import ensure_roles
from tests import make

pytestmark = pytest.mark.django_db


def test_an_empty_panel_says_what_a_dhcp_server_is(client) -> None:
    client.force_login(make.admin())
    assert "No DHCP server is in the panel yet" in client.get(reverse("dhcp:overview")).content.decode()


def test_roles_of_a_new_panel_see_dhcp_and_a_role_that_was_changed_stays_so() -> None:
    ensure_roles()
    assert {group.name for group in ensure_dhcp_rights()} == {"Viewer", "Planner", "Approver", "Operator"}
    assert ensure_dhcp_rights() == []


def test_a_person_without_the_right_is_turned_away(client) -> None:
    client.force_login(make.user())
    assert client.get(reverse("dhcp:overview")).status_code == 403
    assert not Server.objects.exists()
