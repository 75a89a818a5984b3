"""What the review page draws: lines, folds, colours, the rail of steps, the words for a state."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts.choices import ChangeState, StepName, StepState
from hosts.rules.highlight import family, spans
from hosts.rules.rail import StepSeen, rail
from hosts.rules.review import review, unfolded
from hosts.rules.standing import standing_of

OLD = b"".join(b"line %d\n" % n for n in range(1, 31))
NEW = OLD.replace(b"line 15\n", b"line fifteen\n")
AT = datetime(2026, 1, 1, tzinfo=UTC)


def text(line: object) -> str:
    return "".join(span.text for span in line.spans)  # type: ignore[attr-defined]


def looks(state: str, steps: dict[str, str], needed: set[str] | None = None, failed: str = "") -> dict[str, str]:
    seen = {name: StepSeen(how, AT, 0.1) for name, how in steps.items()}
    return {entry.name: entry.look for entry in rail(state, seen, needed or set(), failed)}


def test_unchanged_lines_away_from_a_change_are_folded() -> None:
    lines = review(OLD, NEW, "/etc/x.conf", wide=False).lines
    assert [line.look for line in lines] == ["fold", *["same"] * 3, "m", "p", *["same"] * 3, "fold"]
    assert (lines[0].hidden, lines[-1].hidden) == (11, 12)


def test_a_fold_opens_to_the_lines_it_hid() -> None:
    fold = review(OLD, NEW, "/etc/x.conf", wide=False).lines[-1]
    opened = unfolded(OLD, NEW, "/etc/x.conf", fold.low, fold.high, wide=False)
    assert [(line.new_number, text(line)) for line in opened] == [(n, f"line {n}") for n in range(19, 31)]


def test_a_fold_that_hides_very_much_opens_in_parts() -> None:
    opened = unfolded(OLD, NEW, "/etc/x.conf", 18, 31, wide=False, most=5)
    assert len(opened) == 6
    assert (opened[-1].look, opened[-1].low, opened[-1].high) == ("fold", 23, 31)


def test_side_by_side_puts_what_went_beside_what_came() -> None:
    pair = next(
        line for line in review(OLD, NEW, "/etc/x.conf", wide=True).lines if line.left and line.left.look == "m"
    )
    assert pair.left
    assert pair.right
    assert (pair.left.number, pair.right.number, pair.right.look) == (15, 15, "p")


def test_a_block_that_came_begins_after_the_brace_before_it() -> None:
    old = b"a {\n  x;\n}\n"
    lines = review(old, old + b"b {\n  y;\n}\n", "/etc/x.conf", wide=False).lines
    assert [(line.look, text(line)) for line in lines[2:]] == [("same", "}"), ("p", "b {"), ("p", "  y;"), ("p", "}")]


def test_a_long_file_says_how_many_lines_it_leaves_out() -> None:
    drawn = review(None, OLD, "/etc/x.conf", wide=False, most=10)
    assert (len(drawn.lines), drawn.left_out) == (10, 20)


@pytest.mark.parametrize(
    ("path", "line", "kinds"),
    [
        pytest.param("/etc/a.conf", "# words", {"c": "# words"}, id="comment"),
        pytest.param("/etc/a.conf", "port = 22", {"k": "port", "n": "22"}, id="setting with a number"),
        pytest.param("/etc/a.conf", 'name "a # b"', {"k": "name", "s": '"a # b"'}, id="hash inside a string"),
        pytest.param("/etc/systemd/a.service", "; words", {"c": "; words"}, id="semicolon in a unit"),
        pytest.param("/etc/a.ini", "[head]", {"k": "[head]"}, id="section"),
        pytest.param("/etc/motd", "# no comment", {"": "# no comment"}, id="prose stays plain"),
    ],
)
def test_syntax_is_told_by_the_name_of_the_file(path: str, line: str, kinds: dict[str, str]) -> None:
    found = {
        span.kind: span.text for span in spans([(line, False)], family(path)) if span.text.strip() not in ("", "=")
    }
    assert found == kinds


@given(st.lists(st.tuples(st.text(), st.booleans()), max_size=6), st.sampled_from(["/a.conf", "/motd", "/b.ini"]))
def test_colour_never_changes_the_text_or_the_marks(pieces: list[tuple[str, bool]], path: str) -> None:
    cut = spans(pieces, family(path))
    assert "".join(span.text for span in cut) == "".join(words for words, _ in pieces)
    marked = "".join(span.text for span in cut if span.is_marked)
    assert marked == "".join(words for words, is_marked in pieces if is_marked)


class TestRail:
    """The steps of a change as they are drawn."""

    def test_a_compared_change_asks_a_person(self) -> None:
        assert looks("compared", {"plan": "ok", "compare": "ok"})["approve"] == "asks"

    def test_a_running_step_is_the_one_that_is_going_on(self) -> None:
        found = looks("applying", {"connect": "ok", "activate": "running"}, {"activate", "verify"})
        assert (found["connect"], found["activate"], found["verify"]) == ("done", "now", "waits")

    def test_a_step_with_nothing_to_do_is_not_needed(self) -> None:
        assert looks("applied", {}, {"stage"})["check"] == "skipped"

    def test_what_was_put_back_is_not_shown_as_done(self) -> None:
        steps = {"swap": StepState.OK, "activate": StepState.FAILED, "put_back": StepState.OK}
        found = looks("rolled_back", steps, {"swap", "activate"}, "activate")
        assert (found["swap"], found["activate"], found["put_back"]) == ("undone", "failed", "done")

    def test_a_refusal_points_at_the_step_that_decided_it(self) -> None:
        assert looks("refused", {}, {"drift"}, "drift")["drift"] == "failed"

    def test_putting_back_is_shown_only_where_it_happened(self) -> None:
        assert StepName.PUT_BACK not in looks("applied", {})


@pytest.mark.parametrize("state", ChangeState.values)
def test_every_state_has_words_for_what_the_host_looks_like_now(state: str) -> None:
    said = standing_of(state)
    assert said.head % {"host": "xen01"}
    assert said.body % {"host": "xen01"}
