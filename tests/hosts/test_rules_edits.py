"""A live file in, the file with one line more out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts.rules.edits import with_line


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", b"key\n"),
        (b"other\n", b"other\nkey\n"),
        (b"no newline", b"no newline\nkey\n"),
        (b"key\n", b"key\n"),
        (b"  key \r\nother", b"  key \r\nother"),
        (b"\xff\xfe\n", b"\xff\xfe\nkey\n"),
    ],
    ids=["empty", "appended", "after an open line", "there already", "there with blanks", "not UTF-8"],
)
def test_the_line_is_there_once_and_the_rest_as_it_was(content, expected):
    assert with_line(content, "key") == expected


@given(
    st.binary(max_size=200),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x0b\x0c\x1c\x1d\x1e\x85"), min_size=1).filter(
        str.strip
    ),
)
def test_doing_it_twice_changes_nothing_more(content, line):
    once = with_line(content, line)
    assert with_line(once, line) == once
    assert once.startswith(content)
