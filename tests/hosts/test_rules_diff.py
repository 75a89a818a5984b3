"""Two versions of a file in, the rows of a readable diff out."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts.rules.diff import MANY_LINES, file_diff


def rows(old, new, **options):
    return [(row.kind, row.text) for row in file_diff(old, new, **options).rows]


def test_an_added_line_stands_between_its_neighbours():
    assert rows(b"a\nb\n", b"a\nx\nb\n") == [(" ", "a"), ("+", "x"), (" ", "b")]


def test_a_changed_line_marks_the_words_that_differ_and_no_more():
    gone, come = file_diff(b"port 22\n", b"port 2200\n").rows
    assert [(piece.text, piece.is_marked) for piece in come.pieces] == [("port ", False), ("2200", True)]
    assert [(piece.text, piece.is_marked) for piece in gone.pieces] == [("port ", False), ("22", True)]


def test_a_file_that_was_not_there_is_all_new():
    diff = file_diff(None, b"a\nb\n")
    assert (diff.added, diff.removed) == (2, 0)
    assert [row.new_number for row in diff.rows] == [1, 2]


def test_a_file_that_shall_go_is_all_old():
    assert rows(b"a\nb\n", None) == [("-", "a"), ("-", "b")]


@pytest.mark.parametrize(("old", "new"), [(b"a", b"a\n"), (b"a\n", b"a")], ids=["newline added", "newline lost"])
def test_a_newline_at_the_end_is_a_difference(old, new):
    assert rows(old, new) == [("-", "a"), ("+", "a")]


def test_a_last_line_without_newline_shows_its_text_only():
    assert rows(b"a\nb", b"a\nc") == [(" ", "a"), ("-", "b"), ("+", "c")]


def test_binary_files_have_no_rows():
    diff = file_diff(b"a\0b", b"a")
    assert diff.is_binary
    assert diff.rows == ()


def test_bytes_that_are_not_utf8_are_shown_as_escapes():
    assert rows(b"", b"caf\xe9\n") == [("+", "caf\\xe9")]


def test_long_unchanged_runs_are_folded_and_counted():
    old = "".join(f"{n}\n" for n in range(100)).encode()
    diff = file_diff(old, old.replace(b"50\n", b"fifty\n"))
    assert [row.kind for row in diff.rows] == ["~", " ", " ", " ", "-", "+", " ", " ", " ", "~"]
    assert [row.folded for row in diff.rows if row.kind == "~"] == [47, 46]


def test_side_by_side_puts_partners_into_one_row():
    pairs = list(file_diff(b"a\nb\nc\n", b"a\nx\ny\nc\n").pairs())
    assert [(old and old.text, new and new.text) for old, new in pairs] == [
        ("a", "a"),
        ("b", "x"),
        (None, "y"),
        ("c", "c"),
    ]


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_bytes_can_be_compared_and_the_numbers_are_true(old, new):
    diff = file_diff(old, new, context=1_000)
    if diff.is_binary or not diff.added + diff.removed:
        return
    assert diff.added == sum(row.kind == "+" for row in diff.rows)
    assert diff.removed == sum(row.kind == "-" for row in diff.rows)
    kept = [row.text for row in diff.rows if row.kind in " -"]
    text = old.decode("utf-8", "backslashreplace")
    assert "\n".join(kept) == text.removesuffix("\n")


@pytest.mark.parametrize("kinds", [1, 3, 60, 5_000], ids=["one line", "three lines", "sixty lines", "all different"])
def test_hostile_repetition_does_not_take_long(kinds):
    source = random.Random(kinds)
    old, new = ("".join(f"{source.randrange(kinds)}\n" for _ in range(MANY_LINES // 2)).encode() for _ in range(2))
    began = time.process_time()
    file_diff(old, new)
    assert time.process_time() - began < 30
