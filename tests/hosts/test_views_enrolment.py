"""Host keys as people meet them: compared, accepted, refused, asked for again."""

from __future__ import annotations

from typing import Any

import pytest

from hosts.choices import HostKeyState, HostState
from hosts.models import AuditEntry, Host, HostKey
from tests import make
from tests.hosts.pages import logged_in, said, text_of, url

pytestmark = pytest.mark.django_db


def offered(**fields: Any) -> tuple[Host, HostKey]:
    host = make.host("xen01", key=False, **{"state": HostState.KEY_OFFERED, **fields})
    return host, make.host_key(host)


def state_of(row: Any) -> str:
    row.refresh_from_db()
    return str(row.state)


def test_the_offered_key_is_shown_with_its_fingerprint_and_how_to_compare_it() -> None:
    host, key = offered()
    page = text_of(logged_in(make.admin()).get(url("host-detail", host.pk)))
    assert key.fingerprint in page
    assert "ssh-keygen -lf" in page
    assert "Accept the key" in page


def test_an_accepted_key_is_pinned_and_the_facts_are_read(django_capture_on_commit_callbacks: Any) -> None:
    host, key = offered()
    with django_capture_on_commit_callbacks() as woken:
        logged_in(make.admin()).post(url("host-keys", host.pk), {"say": "accept", "fingerprint": [key.fingerprint]})
    assert (state_of(host), state_of(key)) == (HostState.REACHABLE, HostKeyState.ACCEPTED)
    assert len(woken) == 1
    assert AuditEntry.objects.get(action="accept host key").details == {"fingerprints": [key.fingerprint]}


def test_a_key_that_came_in_after_the_page_was_shown_is_not_accepted_unseen() -> None:
    host, key = offered()
    make.host_key(host)
    answer = logged_in(make.admin()).post(
        url("host-keys", host.pk), {"say": "accept", "fingerprint": [key.fingerprint]}
    )
    assert "another key meanwhile" in said(answer)[0]
    assert (state_of(host), state_of(key)) == (HostState.KEY_OFFERED, HostKeyState.OFFERED)


def test_a_refused_key_leaves_the_host_unspoken_to(django_capture_on_commit_callbacks: Any) -> None:
    host, key = offered()
    with django_capture_on_commit_callbacks() as woken:
        logged_in(make.admin()).post(url("host-keys", host.pk), {"say": "refuse"})
    assert state_of(key) == HostKeyState.REFUSED
    assert state_of(host) != HostState.REACHABLE
    assert not woken


def test_a_changed_key_says_so_at_the_top_with_the_old_and_the_new_fingerprint() -> None:
    host = make.host("xen01", state=HostState.KEY_CHANGED, state_why="another key")
    old, new = host.keys.get(), make.host_key(host)
    page = text_of(logged_in(make.admin()).get(url("host-changes", host.pk)))
    assert old.fingerprint in page
    assert new.fingerprint in page
    assert page.index(new.fingerprint) < page.index('<nav class="views"')
    assert "Nothing is sent to it until you decide" in page


def test_keys_are_asked_for_again(django_capture_on_commit_callbacks: Any) -> None:
    host = make.host(key=False, state_why="Connection refused.")
    with django_capture_on_commit_callbacks() as woken:
        logged_in(make.admin()).post(url("host-keys", host.pk), {"say": "ask"})
    assert len(woken) == 1
    assert Host.objects.get(pk=host.pk).state_why == ""


def test_accepting_where_nothing_waits_is_said_in_words() -> None:
    answer = logged_in(make.admin()).post(url("host-keys", make.host("xen01").pk), {"say": "accept"})
    assert said(answer) == ["xen01 has no key that waits for an answer."]


@pytest.mark.parametrize("say", ["accept", "refuse", "ask"])
def test_somebody_who_may_only_look_decides_nothing(say: str) -> None:
    host, key = offered()
    answer = logged_in(make.operator(role="Viewer")).post(url("host-keys", host.pk), {"say": say})
    assert answer.status_code == 403
    assert state_of(key) == HostKeyState.OFFERED


def test_a_viewer_sees_the_key_and_no_button() -> None:
    host, key = offered()
    page = text_of(logged_in(make.operator(role="Viewer")).get(url("host-detail", host.pk)))
    assert key.fingerprint in page
    assert 'value="accept"' not in page


def test_a_key_of_another_organization_is_absent() -> None:
    host, key = offered(organization=make.organization())
    client = logged_in(make.operator(organizations=[make.organization()]))
    assert client.post(url("host-keys", host.pk), {"say": "accept"}).status_code == 404
    assert state_of(key) == HostKeyState.OFFERED


def test_a_get_decides_nothing() -> None:
    host, key = offered()
    assert logged_in(make.admin()).get(url("host-keys", host.pk), {"say": "accept"}).status_code == 405
    assert state_of(key) == HostKeyState.OFFERED
