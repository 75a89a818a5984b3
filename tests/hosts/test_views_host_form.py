"""Add, change and delete a host."""

from __future__ import annotations

from typing import Any

import pytest

from hosts.choices import ChangeState, HostState
from hosts.models import Host
from tests import make
from tests.hosts.pages import logged_in, said, text_of, url

pytestmark = pytest.mark.django_db

FORM = {"name": "xen09", "address": "192.0.2.9", "port": "22", "username": "root", "site": "Seoul"}


class TestForm:
    """Add, change and delete a host."""

    def test_a_host_is_added_and_its_key_asked_for(self, django_capture_on_commit_callbacks: Any) -> None:
        with django_capture_on_commit_callbacks() as woken:
            answer = logged_in(make.admin()).post(
                url("host-new"), {**FORM, "roles": ["xen", "web"], "tag_words": "rack-a, pilot"}
            )
        host = Host.objects.get(name="xen09")
        assert answer["Location"] == host.get_absolute_url()
        assert host.roles == ["xen", "web"]
        assert {tag.name for tag in host.tags.all()} == {"rack-a", "pilot"}
        assert host.state == HostState.NEW
        assert len(woken) == 1

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            pytest.param({"name": "xen 09"}, "Letters, digits, dots, hyphens.", id="blank in the name"),
            pytest.param({"address": "1.2.3.4; rm"}, "An IPv4 or IPv6 address", id="no address"),
            pytest.param({"port": "99999"}, "65535", id="no port"),
            pytest.param({"use_sudo": "on"}, "root needs no sudo", id="sudo for root"),
            pytest.param({"name": "taken"}, "of that name already", id="name in use"),
            pytest.param({"tag_words": "x" * 70}, "longer than 64", id="long tag"),
        ],
    )
    def test_an_error_stands_at_its_field_and_nothing_typed_is_lost(self, change: dict[str, str], words: str) -> None:
        make.host("taken")
        typed = {**FORM, "notes": "typed with care", **change}
        answer = logged_in(make.admin()).post(url("host-new"), typed)
        page = text_of(answer)
        assert answer.status_code == 200
        assert words in page
        assert "typed with care" in page
        assert not Host.objects.filter(address="192.0.2.9").exists()

    def test_a_circle_of_jump_hosts_is_said_at_the_field(self) -> None:
        first = make.host("first")
        second = make.host("second", jump_host=first)
        fields = {"name": "first", "address": first.address, "port": first.port, "username": "root"}
        answer = logged_in(make.admin()).post(url("host-edit", first.pk), {**fields, "jump_host": second.pk})
        assert "leads back to first" in str(answer.context["form"].errors["jump_host"])

    def test_another_address_means_another_way(self) -> None:
        host = make.host("xen01", address="192.0.2.1", port=22)
        fields = {"name": "xen01", "address": "192.0.2.99", "port": 22, "username": "root"}
        logged_in(make.admin()).post(url("host-edit", host.pk), fields)
        host.refresh_from_db()
        assert (host.address, host.state) == ("192.0.2.99", HostState.NEW)

    def test_choices_hold_only_what_one_may_see(self) -> None:
        mine, theirs = make.organization("Mine"), make.organization("Theirs")
        make.credential("their key", organization=theirs)
        make.host("their-bastion", organization=theirs)
        page = text_of(logged_in(make.operator(organizations=[mine])).get(url("host-new")))
        assert not [word for word in ("Theirs", "their key", "their-bastion") if word in page]

    def test_a_credential_of_another_organization_is_refused(self) -> None:
        mine = make.organization()
        foreign = make.credential(organization=make.organization())
        client = logged_in(make.operator(organizations=[mine]))
        answer = client.post(url("host-new"), {**FORM, "organization": mine.pk, "credential": foreign.pk})
        assert "credential" in answer.context["form"].errors
        assert not Host.objects.exists()

    @pytest.mark.parametrize("name", ["host-new", "host-import"])
    def test_a_viewer_adds_nothing(self, name: str) -> None:
        assert logged_in(make.operator(role="Viewer")).post(url(name), FORM).status_code == 403

    def test_a_name_in_use_is_said_while_it_is_typed(self) -> None:
        host, client = make.host("xen01"), logged_in(make.admin())
        assert "already" in text_of(client.get(url("host-taken", query="name=XEN01")))
        assert not text_of(client.get(url("host-taken", query=f"name=xen01&own={host.pk}"))).strip()

    def test_deleting_needs_the_typed_name(self) -> None:
        host, client = make.host("xen01"), logged_in(make.admin())
        client.post(url("host-delete", host.pk), {"name": "xen02"})
        assert Host.objects.filter(pk=host.pk).exists()
        client.post(url("host-delete", host.pk), {"name": "xen01"})
        assert not Host.objects.filter(pk=host.pk).exists()

    def test_a_host_with_changes_in_the_record_stays(self) -> None:
        host = make.change(state=ChangeState.APPLIED).host
        answer = logged_in(make.admin()).post(url("host-delete", host.pk), {"name": host.name})
        assert "has changes in the record" in said(answer)[0]
        assert Host.objects.filter(pk=host.pk).exists()
