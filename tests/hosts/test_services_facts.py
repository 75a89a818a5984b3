"""Facts that are asked for, and hosts that are left alone."""

from __future__ import annotations

import pytest

from hosts.choices import HostState
from hosts.services import facts
from tests import make

pytestmark = pytest.mark.django_db


def test_a_question_for_facts_is_found_by_the_sweep_if_its_call_was_lost():
    host = make.host(next_facts_at=make.ago(minutes=-30))
    facts.ask_for_facts(host, by=make.actor())
    assert facts.claim_due_facts() == [host.pk]
    assert facts.claim_due_facts() == []


@pytest.mark.parametrize(
    "fields",
    [{"state": HostState.KEY_CHANGED}, {"state": HostState.NEW}, {"is_in_maintenance": True}, {"credential": None}],
    ids=["key changed", "new", "maintenance", "no credential"],
)
def test_the_panel_does_not_speak_by_itself_to(fields):
    make.host(**fields)
    assert facts.claim_due_facts() == []
