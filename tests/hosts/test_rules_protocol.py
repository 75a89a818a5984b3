"""Events of a running change in, steps and log lines out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hosts.choices import StepName, StepState
from hosts.facts.change import OutputEvent, StepEvent
from hosts.rules.protocol import LEFT_OUT, LONGEST_LINE, MOST_LINES, Progress


def test_a_step_begins_runs_and_ends_with_its_time():
    progress = Progress()
    steps, _ = progress.take([StepEvent(StepName.CHECK, StepState.RUNNING, 100.0)])
    assert (steps[0].state, steps[0].seconds) == (StepState.RUNNING, None)
    steps, _ = progress.take([StepEvent(StepName.CHECK, StepState.OK, 101.5, "fine")])
    assert (steps[0].state, steps[0].started, steps[0].seconds, steps[0].note) == (StepState.OK, 100.0, 1.5, "fine")


def test_a_clock_that_goes_back_gives_no_negative_time():
    progress = Progress()
    progress.take([StepEvent(StepName.CHECK, StepState.RUNNING, 100.0)])
    steps, _ = progress.take([StepEvent(StepName.CHECK, StepState.OK, 90.0)])
    assert steps[0].seconds == 0.0


def test_lines_are_numbered_over_the_whole_change_and_know_their_step():
    progress = Progress()
    _, first = progress.take([StepEvent(StepName.CHECK, StepState.RUNNING, 1.0), OutputEvent("a\nb\n", 1.0)])
    _, second = progress.take([StepEvent(StepName.ACTIVATE, StepState.RUNNING, 2.0), OutputEvent("c\n", 2.0)])
    assert [(line.number, line.step, line.text) for line in [*first, *second]] == [
        (1, "check", "a"),
        (2, "check", "b"),
        (3, "activate", "c"),
    ]


def test_half_a_line_waits_for_its_other_half():
    progress = Progress()
    assert progress.take([OutputEvent("hal", 1.0)])[1] == []
    assert [line.text for line in progress.take([OutputEvent("f\n", 1.0)])[1]] == ["half"]


def test_a_last_line_without_newline_is_kept_at_the_end():
    progress = Progress()
    progress.take([OutputEvent("no newline", 1.0)])
    assert [line.text for line in progress.finish(2.0)] == ["no newline"]
    assert progress.finish(3.0) == []


def test_a_new_step_ends_the_line_of_the_one_before():
    progress = Progress()
    events = [
        StepEvent(StepName.CHECK, StepState.RUNNING, 1.0),
        OutputEvent("open", 1.0),
        StepEvent(StepName.SWAP, StepState.RUNNING, 2.0),
    ]
    assert [(line.step, line.text) for line in progress.take(events)[1]] == [("check", "open")]


def test_more_lines_than_are_kept_end_in_words_that_say_so():
    progress = Progress()
    _, lines = progress.take([OutputEvent("x\n" * (MOST_LINES + 10), 1.0)])
    assert len(lines) == MOST_LINES
    assert lines[-1].text == LEFT_OUT
    assert progress.take([OutputEvent("more\n", 1.0)])[1] == []


def test_a_very_long_line_is_cut():
    lines = Progress().take([OutputEvent("y" * 100_000 + "\n", 1.0)])[1]
    assert all(len(line.text) <= LONGEST_LINE for line in lines)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), st.data())
def test_any_cut_gives_the_same_lines(text, data):
    cut = data.draw(st.integers(0, len(text)))
    whole, pieces = Progress(), Progress()
    _, expected = whole.take([OutputEvent(text, 1.0)])
    found = []
    for piece in (text[:cut], text[cut:]):
        found += pieces.take([OutputEvent(piece, 1.0)])[1]
    assert [*found, *pieces.finish(1.0)] == [*expected, *whole.finish(1.0)]


def test_nul_is_made_visible_since_a_database_cannot_hold_it():
    assert Progress().take([OutputEvent("a\0b\n", 1.0)])[1][0].text == "a␀b"
