"""Hosts over the API: kept, filtered, enrolled, asked."""

from __future__ import annotations

import pytest

from hosts.choices import HostKeyState, HostState
from hosts.models import AuditEntry, Host
from tests import make
from tests.hosts.api import Program, wake_ups

pytestmark = pytest.mark.django_db


def test_a_host_is_added_with_roles_and_tags_and_asked_for_its_key(django_capture_on_commit_callbacks):
    program = Program()
    credential = make.credential()
    with wake_ups(django_capture_on_commit_callbacks) as woken:
        answer = program.post(
            "/hosts/",
            {
                "name": "xen03",
                "address": "192.0.2.13",
                "credential": credential.pk,
                "roles": ["xen", "dns"],
                "tags": ["seoul"],
            },
        )
    assert answer.status_code == 201, answer.json()
    host = Host.objects.get(name="xen03")
    assert answer.json()["roles"] == ["xen", "dns"]
    assert answer.json()["tags"] == ["seoul"]
    assert answer.json()["state"] == {"value": "new", "label": "Not enrolled", "tone": "idle"}
    assert woken == [("enrol_host", host.pk)]
    entry = AuditEntry.objects.get(action="create", object_type="host")
    assert (entry.actor, entry.via, entry.token_name) == (program.person, "api", "script")


def test_a_change_of_notes_leaves_roles_tags_and_state_alone(django_capture_on_commit_callbacks):
    host = make.host(roles=["web"], tags=["a"])
    with wake_ups(django_capture_on_commit_callbacks) as woken:
        answer = Program().patch(f"/hosts/{host.pk}/", {"notes": "rack 4"})
    assert answer.status_code == 200
    assert (answer.json()["roles"], answer.json()["tags"]) == (["web"], ["a"])
    assert answer.json()["state"]["value"] == HostState.REACHABLE
    assert woken == []


def test_a_new_address_asks_for_the_key_anew():
    host = make.host()
    answer = Program().patch(f"/hosts/{host.pk}/", {"address": "192.0.2.250"})
    assert answer.json()["state"]["value"] == HostState.NEW


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "reachable"}, {"web1", "xen1"}),
        ({"role": "xen"}, {"xen1"}),
        ({"tag": "seoul"}, {"xen1"}),
        ({"name": "web1"}, {"web1"}),
        ({"text": "1"}, {"web1", "xen1", "new1"}),
        ({"has_drift": "true"}, {"web1"}),
        ({"has_drift": "false"}, {"xen1", "new1"}),
        ({"has_findings": "true"}, {"xen1"}),
        ({"needs_reboot": "true"}, {"web1"}),
        ({"site": "DC2"}, {"new1"}),
    ],
    ids=lambda value: "-".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else "",
)
def test_the_list_is_filtered(query, found):
    make.host("web1", drifted_count=2, needs_reboot=True)
    make.host("xen1", roles=["xen"], tags=["seoul"], findings_count=1)
    make.host("new1", key=False, site="DC2")
    answer = Program().get("/hosts/", **query)
    assert {host["name"] for host in answer.json()["results"]} == found


def test_an_unknown_value_of_a_filter_is_named():
    answer = Program().get("/hosts/", state="asleep")
    assert answer.status_code == 400
    assert answer.json()["field"] == "state"


def test_the_list_goes_by_key_and_costs_the_same_for_many(django_assert_max_num_queries):
    program = Program()
    make.hosts(12, roles=["xen"], tags=["a", "b"])
    first = program.get("/hosts/", page_size=5)
    with django_assert_max_num_queries(9):
        second = program.client.get(first.json()["next"])
    assert len(second.json()["results"]) == 5
    seen = [host["id"] for host in [*first.json()["results"], *second.json()["results"]]]
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 10


def test_the_number_of_queries_of_the_list_does_not_grow(django_assert_num_queries):
    program = Program()
    make.hosts(2, roles=["xen"], tags=["a"])
    program.get("/hosts/")
    with django_assert_num_queries(6):
        program.get("/hosts/")
    make.hosts(20, roles=["xen"], tags=["a"])
    with django_assert_num_queries(6):
        program.get("/hosts/")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"name": "a b", "address": "192.0.2.1"}, "name"),
        ({"name": "a", "address": "no address"}, "address"),
        ({"name": "a", "address": "192.0.2.1", "port": 70000}, "port"),
        ({"name": "a", "address": "192.0.2.1", "roles": ["king"]}, "roles"),
        ({"name": "a", "address": "192.0.2.1", "tags": ["two words"]}, "tags"),
        ({"name": "a", "address": "192.0.2.1", "credential": 99999}, "credential"),
        ({"name": "a"}, "address"),
        ({"name": "taken", "address": "192.0.2.1"}, "name"),
    ],
    ids=["name", "address", "port", "role", "tag", "no such credential", "address missing", "name taken"],
)
def test_what_does_not_fit_is_said_by_field(sent, field):
    make.host("taken")
    answer = Program().post("/hosts/", sent)
    assert answer.status_code == 400, answer.json()
    assert answer.json()["field"] == field
    assert answer.json()["detail"]
    assert Host.objects.count() == 1


def test_jump_hosts_in_a_circle_are_refused():
    first, second = make.hosts(2)
    second.jump_host = first
    second.save()
    answer = Program().patch(f"/hosts/{first.pk}/", {"jump_host": second.pk})
    assert (answer.status_code, answer.json()["field"]) == (400, "jump_host")


def test_two_hosts_cannot_have_one_address_and_port():
    make.host(address="192.0.2.77", port=22)
    answer = Program().post("/hosts/", {"name": "twin", "address": "192.0.2.77"})
    assert answer.status_code == 400
    assert "address and port" in answer.json()["detail"]


def test_a_host_with_changes_is_kept():
    host = make.change().host
    answer = Program().delete(f"/hosts/{host.pk}/")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    assert Host.objects.filter(pk=host.pk).exists()


def test_a_host_without_changes_is_deleted():
    host = make.host()
    assert Program().delete(f"/hosts/{host.pk}/").status_code == 204
    assert not Host.objects.filter(pk=host.pk).exists()


def test_maintenance_is_switched_on_and_off():
    host = make.host()
    program = Program()
    assert program.post(f"/hosts/{host.pk}/maintenance/", {"is_on": True}).json()["is_in_maintenance"] is True
    assert program.post(f"/hosts/{host.pk}/maintenance/", {"is_on": False}).json()["is_in_maintenance"] is False


def test_facts_are_asked_for_and_a_worker_is_woken(django_capture_on_commit_callbacks):
    host = make.host()
    with wake_ups(django_capture_on_commit_callbacks) as woken:
        answer = Program().post(f"/hosts/{host.pk}/ask-facts/")
    assert answer.status_code == 202
    assert woken == [("read_facts", host.pk)]


def test_the_newest_facts_are_given_and_their_history_is_listed():
    host = make.host()
    finding = {
        "id": "md.degraded",
        "severity": "warning",
        "subject": "md0",
        "title": ["%(array)s lacks a disk", {"array": "md0"}],
        "why": ["Because.", {}],
        "what_to_do": ["Swap it.", {}],
    }
    make.facts_record(host, {"system": {"kernel": "6.1.0-1"}}, last_at=make.ago(days=2))
    newest = make.facts_record(host, {"system": {"kernel": "6.1.0-2"}}, findings=[finding])
    program = Program()
    facts = program.get(f"/hosts/{host.pk}/facts/").json()
    assert facts["report"]["system"]["kernel"] == "6.1.0-2"
    assert facts["findings"][0]["title"] == "md0 lacks a disk"
    history = program.get("/facts/", host=host.pk).json()["results"]
    assert history[0]["id"] == newest.pk
    assert len(history) == 2
    assert "report" not in history[0]
    assert program.get(f"/facts/{history[1]['id']}/").json()["report"]["system"]["kernel"] == "6.1.0-1"


def test_facts_that_were_never_read_are_404():
    answer = Program().get(f"/hosts/{make.host().pk}/facts/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_offered_keys_are_accepted_by_the_fingerprints_that_were_compared(django_capture_on_commit_callbacks):
    host = make.host(key=False, state=HostState.KEY_OFFERED)
    key = make.host_key(host)
    program = Program()
    shown = program.get(f"/hosts/{host.pk}/keys/").json()
    assert [each["fingerprint"] for each in shown] == [key.fingerprint]
    with wake_ups(django_capture_on_commit_callbacks) as woken:
        answer = program.post(f"/hosts/{host.pk}/keys/accept/", {"fingerprints": [key.fingerprint]})
    assert answer.json()["state"]["value"] == HostState.REACHABLE
    assert woken == [("read_facts", host.pk)]
    key.refresh_from_db()
    assert (key.state, key.decided_by) == (HostKeyState.ACCEPTED, program.person)


def test_a_key_that_nobody_looked_at_is_not_accepted_along():
    host = make.host(key=False, state=HostState.KEY_OFFERED)
    key = make.host_key(host)
    make.host_key(host, key_type="ecdsa-sha2-nistp256")
    answer = Program().post(f"/hosts/{host.pk}/keys/accept/", {"fingerprints": [key.fingerprint]})
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
    assert not host.keys.filter(state=HostKeyState.ACCEPTED).exists()


def test_offered_keys_are_refused_and_can_be_asked_for_again(django_capture_on_commit_callbacks):
    host = make.host(key=False, state=HostState.KEY_OFFERED)
    make.host_key(host)
    program = Program()
    refused = program.post(f"/hosts/{host.pk}/keys/refuse/")
    assert "refused" in refused.json()["state_why"]
    assert program.post(f"/hosts/{host.pk}/keys/refuse/").status_code == 409
    with wake_ups(django_capture_on_commit_callbacks) as woken:
        assert program.post(f"/hosts/{host.pk}/keys/ask/").status_code == 202
    assert woken == [("enrol_host", host.pk)]
    assert not host.keys.exists()
