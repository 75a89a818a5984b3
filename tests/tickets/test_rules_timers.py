"""How much of a promise is left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tickets.rules.timers import timer
from tickets.rules.tones import mail_tone, ticket_tone

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "left", "tone"),
    [(0, 1.0, "good"), (60, 0.5, "good"), (100, 1 / 6, "warn"), (120, 0.0, "warn"), (121, 0.0, "bad")],
    ids=["just opened", "half", "short", "the last second", "over"],
)
def test_a_promise_of_two_hours_runs_down(minutes: int, left: float, tone: str) -> None:
    found = timer(NOON, NOON + timedelta(hours=2), NOON + timedelta(minutes=minutes))
    assert found is not None
    assert found.left == pytest.approx(left)
    assert found.tone == tone
    assert found.is_over is (minutes > 120)


@pytest.mark.parametrize(("minutes", "kept"), [(26, True), (120, True), (121, False)])
def test_what_was_done_is_met_or_missed_for_good(minutes: int, kept: bool) -> None:
    found = timer(NOON, NOON + timedelta(hours=2), NOON + timedelta(days=9), done_at=NOON + timedelta(minutes=minutes))
    assert found is not None
    assert (found.was_kept, found.is_over, found.seconds) == (kept, False, minutes * 60)


def test_no_promise_is_no_timer() -> None:
    assert timer(NOON, None, NOON) is None


def test_a_due_time_before_the_start_is_over_at_once() -> None:
    found = timer(NOON, NOON - timedelta(hours=1), NOON)
    assert found is not None
    assert (found.left, found.is_over) == (0.0, True)


@pytest.mark.parametrize(
    ("state", "is_answered", "tone"),
    [("open", False, "warn"), ("open", True, "run"), ("resolved", True, "good"), ("closed", True, "idle")],
)
def test_a_ticket_has_the_colour_of_what_it_needs(state: str, is_answered: bool, tone: str) -> None:
    assert ticket_tone(state, is_answered=is_answered) == tone


@pytest.mark.parametrize(
    ("state", "tone"),
    [
        ("quarantined", "bad"),
        ("taken", "good"),
        ("sent", "good"),
        ("bounced", "bad"),
        ("held", "warn"),
        ("new", "idle"),
    ],
)
def test_a_mail_has_the_colour_of_what_became_of_it(state: str, tone: str) -> None:
    assert mail_tone(state) == tone
