"""The fakes fit the Protocols that tasks take, and the real verbs do as well."""

from __future__ import annotations

import inspect

import pytest

from dhcp.facts.answers import Heard, ReleaseState
from dhcp.outside import leases, logs, ping, release, state
from tests.dhcp.fakes import FakeServerHost, ToldShell

VERBS = {
    "read_news": (leases.LeaseReader, leases.read_news),
    "read_log": (logs.LogReader, logs.read_log),
    "read_state": (state.StateReader, state.read_state),
    "ping": (ping.Pinger, ping.ping),
    "release": (release.Releaser, release.release),
}


@pytest.mark.parametrize("name", list(VERBS))
def test_the_verb_and_its_fake_take_what_the_protocol_says(name):
    protocol, verb = VERBS[name]
    wanted = list(inspect.signature(protocol.__call__).parameters.values())[1:]
    for taken in (inspect.signature(verb), inspect.signature(getattr(FakeServerHost(), name))):
        given = list(taken.parameters.values())
        assert [(one.name, one.default, one.kind) for one in given[: len(wanted)]] == [
            (one.name, one.default, one.kind) for one in wanted
        ]
        assert all(one.default is not inspect.Parameter.empty for one in given[len(wanted) :])


def test_the_fake_answers_from_what_it_was_given_and_remembers_what_was_asked():
    host = FakeServerHost(alive=frozenset({"192.0.2.1"}), released=ReleaseState.NOT_LEASED)
    heard = [one.heard for one in host.ping(ToldShell(), ["192.0.2.1", "192.0.2.2"])]
    assert heard == [Heard.ANSWERS, Heard.SILENT]
    assert host.release(ToldShell(), None, "192.0.2.1").state is ReleaseState.NOT_LEASED
    assert host.asked == [("ping", "192.0.2.1", "192.0.2.2"), ("release", None, "192.0.2.1", "")]


def test_an_exception_in_place_of_an_answer_is_raised():
    with pytest.raises(OSError, match="gone"):
        FakeServerHost(readings=[OSError("gone")]).read_news(ToldShell(), leases.LeaseFile("/x"))
