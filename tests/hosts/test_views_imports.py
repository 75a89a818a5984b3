"""Lists of hosts: previewed with every problem, then imported, all or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hosts.choices import HostState
from hosts.models import Host
from tests import make
from tests.hosts.pages import logged_in, said, text_of, url

pytestmark = pytest.mark.django_db

CSV = "name,address,port,roles,tags\nxen01,192.0.2.11,22,xen,rack-a\nxen02,192.0.2.12,99999,,\nxen03,192.0.2.13,,,\n"
ANSIBLE = "[web]\nweb01 ansible_host=192.0.2.30 ansible_user=deploy\n"
SSH_CONFIG = "Host bastion\n  HostName 192.0.2.40\n  User kim\nHost inner\n  HostName 10.0.0.5\n  ProxyJump bastion\n"


def post(client: Any, **fields: Any) -> Any:
    return client.post(url("host-import"), {"kind": "csv", **fields})


def test_the_page_opens() -> None:
    assert "Import hosts" in text_of(logged_in(make.admin()).get(url("host-import")))


def test_a_preview_shows_hosts_and_problems_by_line_and_saves_nothing() -> None:
    answer = post(logged_in(make.admin()), text=CSV)
    page = text_of(answer)
    assert [row.name for row, _known in answer.context["rows"]] == ["xen01", "xen03"]
    assert [problem.line for problem in answer.context["inventory"].problems] == [3]
    assert "99999" in page
    assert not Host.objects.exists()


@pytest.mark.parametrize(
    ("kind", "text", "names"),
    [
        pytest.param("csv", CSV, ["xen01", "xen03"], id="csv"),
        pytest.param("ansible", ANSIBLE, ["web01"], id="ansible inventory"),
        pytest.param("ssh_config", SSH_CONFIG, ["bastion", "inner"], id="ssh config"),
    ],
)
def test_what_was_previewed_is_imported(
    kind: str, text: str, names: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    client, credential, owner = logged_in(make.admin()), make.credential(), make.organization()
    common = {"kind": kind, "credential": credential.pk, "organization": owner.pk}
    preview = post(client, text=text, **common)
    with django_capture_on_commit_callbacks() as woken:
        answer = post(client, text=preview.context["text"], do="import", **common)
    assert answer["Location"] == url("host-list")
    assert list(Host.objects.order_by("name").values_list("name", flat=True)) == names
    assert set(Host.objects.values_list("credential", "organization")) == {(credential.pk, owner.pk)}
    assert set(Host.objects.values_list("state", flat=True)) == {HostState.NEW}
    assert len(woken) == len(names)


def test_an_uploaded_korean_excel_table_is_read() -> None:
    data = "이름,주소\nxen01,192.0.2.11\n".encode("cp949")
    answer = post(logged_in(make.admin()), file=SimpleUploadedFile("hosts.csv", data, "text/csv"))
    assert [row.name for row, _known in answer.context["rows"]] == ["xen01"]


def test_hosts_that_are_there_already_are_left_alone() -> None:
    make.host("xen01", address="198.51.100.7")
    client = logged_in(make.admin())
    assert post(client, text=CSV).context["known_count"] == 1
    post(client, text=CSV, do="import")
    assert Host.objects.get(name="xen01").address == "198.51.100.7"
    assert Host.objects.filter(name="xen03").exists()


def test_what_is_ticked_to_be_left_out_stays_out() -> None:
    post(logged_in(make.admin()), text=CSV, do="import", without=["xen03"])
    assert list(Host.objects.values_list("name", flat=True)) == ["xen01"]


def test_a_second_import_of_the_same_list_says_that_nothing_is_new() -> None:
    client = logged_in(make.admin())
    post(client, text=CSV, do="import")
    answer = post(client, text=CSV, do="import")
    assert "Nothing was imported" in text_of(answer)
    assert Host.objects.count() == 2


def test_going_back_keeps_the_list() -> None:
    answer = post(logged_in(make.admin()), text=CSV, do="edit")
    assert "inventory" not in answer.context
    assert "xen01,192.0.2.11" in text_of(answer)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"text": "  \n"}, "Choose a file or paste a list.", id="nothing"),
        pytest.param({"text": "just a sentence, nothing else"}, "", id="no table"),
        pytest.param({"text": CSV, "kind": "pickle"}, "", id="unknown kind"),
    ],
)
def test_what_is_no_list_is_refused_in_words_and_kept(fields: dict[str, str], words: str) -> None:
    answer = post(logged_in(make.admin()), **fields)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert words in text_of(answer)
    assert not Host.objects.exists()


def test_people_of_an_organization_import_into_it_only() -> None:
    mine, theirs = make.organization(), make.organization()
    client = logged_in(make.operator(organizations=[mine]))
    assert "organization" in post(client, text=CSV, do="import").context["form"].errors
    assert "organization" in post(client, text=CSV, do="import", organization=theirs.pk).context["form"].errors
    assert not Host.objects.exists()
    answer = post(client, text=CSV, do="import", organization=mine.pk)
    assert "2 hosts are in the panel" in said(answer)[0]
