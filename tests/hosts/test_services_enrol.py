"""Host keys: offered, accepted, refused, changed."""

from __future__ import annotations

import base64

import pytest

from hosts.choices import HostKeyState, HostState
from hosts.errors import WrongState
from hosts.facts.machine import PinnedKey
from hosts.models import Host
from hosts.services import enrol, fleet
from tests import make

pytestmark = pytest.mark.django_db

PUBLIC = base64.b64encode(b"\x00\x00\x00\x0bssh-ed25519 one").decode()
OTHER = base64.b64encode(b"\x00\x00\x00\x0bssh-ed25519 two").decode()


def test_a_new_host_waits_for_a_person_and_then_is_pinned():
    host = make.host(key=False)
    enrol.record_offered_keys(host, [PinnedKey("ssh-ed25519", PUBLIC)])
    host.refresh_from_db()
    assert host.state == HostState.KEY_OFFERED
    assert host.facts().keys == ()
    enrol.accept_keys(host, by=make.actor())
    host.refresh_from_db()
    assert host.state == HostState.REACHABLE
    assert [key.public for key in host.facts().keys] == [PUBLIC]


def test_a_host_that_moved_and_shows_its_old_key_needs_nobody():
    host = make.host(key=False)
    enrol.record_offered_keys(host, [PinnedKey("ssh-ed25519", PUBLIC)])
    enrol.accept_keys(host, by=make.actor())
    host.refresh_from_db()
    host.address = "192.0.2.252"
    fleet.save_host(host, by=make.actor())
    enrol.record_offered_keys(host, [PinnedKey("ssh-ed25519", PUBLIC)])
    host.refresh_from_db()
    assert host.state == HostState.REACHABLE


def test_a_changed_key_stops_everything_until_a_person_accepts_it():
    host = make.host(key=False)
    enrol.record_offered_keys(host, [PinnedKey("ssh-ed25519", PUBLIC)])
    enrol.accept_keys(host, by=make.actor())
    enrol.record_changed_key(host, key_type="ssh-ed25519", public=OTHER, why="Another key!")
    host.refresh_from_db()
    assert (host.state, host.state_why) == (HostState.KEY_CHANGED, "Another key!")
    assert not Host.objects.speakable().filter(pk=host.pk).exists()
    enrol.accept_keys(host, by=make.actor())
    assert [key.public for key in Host.objects.get(pk=host.pk).facts().keys] == [OTHER]
    assert host.keys.get(public=PUBLIC).state == HostKeyState.REPLACED


def test_a_changed_key_is_forgiven_when_the_accepted_one_is_back():
    host = make.host(key=False)
    enrol.record_offered_keys(host, [PinnedKey("ssh-ed25519", PUBLIC)])
    enrol.accept_keys(host, by=make.actor())
    enrol.record_changed_key(host, key_type="ssh-ed25519", public=OTHER, why="Another key!")
    host.refresh_from_db()
    enrol.refuse_keys(host, by=make.actor())
    host.refresh_from_db()
    assert host.state == HostState.KEY_CHANGED
    enrol.ask_for_keys(host, by=make.actor())
    enrol.record_offered_keys(host, [PinnedKey("ssh-ed25519", PUBLIC)])
    host.refresh_from_db()
    assert host.state == HostState.REACHABLE


def test_nothing_to_decide_is_said():
    with pytest.raises(WrongState):
        enrol.accept_keys(make.host(), by=make.actor())
    with pytest.raises(WrongState):
        enrol.refuse_keys(make.host(), by=make.actor())
