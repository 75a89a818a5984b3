"""What the command palette finds."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from hosts.views.palette import found
from tests import make

pytestmark = pytest.mark.django_db


class TestPalette:
    """What the command palette finds."""

    def titles(self, user: Any, term: str) -> list[str]:
        request = RequestFactory().get("/")
        request.user = user
        return [result.title for result in found(request, term)]

    @pytest.mark.parametrize("term", ["xen01", "192.0.2.40", "rack-a", "seoul"])
    def test_a_host_by_name_address_tag_or_site(self, term: str) -> None:
        make.host("xen01", address="192.0.2.40", tags=["rack-a"], site="Seoul")
        make.host("other", address="198.51.100.1")
        assert self.titles(make.admin(), term) == ["xen01"]

    def test_a_change_by_its_number_or_title(self) -> None:
        change = make.change(proposal=make.proposal("Greet whoever logs in"))
        assert str(change) in self.titles(make.admin(), f"#{change.pk}")
        assert str(change) in self.titles(make.admin(), "greet")

    def test_a_managed_file_by_its_path(self) -> None:
        make.managed_file("Greeting", path="/etc/motd")
        assert self.titles(make.admin(), "motd") == ["Greeting"]

    def test_nothing_of_another_organization(self) -> None:
        host = make.host("xen01", organization=make.organization())
        change = make.change(host)
        user = make.operator(organizations=[make.organization()])
        assert self.titles(user, "xen01") == []
        assert self.titles(user, str(change.pk)) == []

    def test_nothing_without_a_permission_or_a_login(self) -> None:
        make.host("xen01")
        assert self.titles(make.user(all_organizations=True), "xen01") == []
        assert self.titles(AnonymousUser(), "xen01") == []
