"""Secrets that stand in a file which is no secret itself: hidden in diffs, and nothing else is touched."""

from __future__ import annotations

import pytest

from hosts.rules.concealed import HIDDEN, concealed
from hosts.rules.diff import file_diff

KEY = b"pRP5FapFoJ95JEL06sv4PQ=="


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b'    secret "%s";', id="in quotes"),
        pytest.param(b"  secret %s;", id="bare"),
        pytest.param(b"key k { algorithm hmac-md5; secret %s; };", id="in one line"),
        pytest.param(b"SECRET\n  %s ;", id="on the next line"),
        pytest.param(b'  "secret": "%s",', id="of a key of Kea"),
        pytest.param(b'{"lease-database": {"password":"%s"}}', id="of a database"),
        pytest.param(b'"password": "a\\"%s"', id="with a quote in it"),
    ],
)
def test_a_secret_is_hidden_and_its_line_stays(line: bytes) -> None:
    before = line % KEY
    after = concealed(before)
    assert KEY not in after
    assert HIDDEN in after
    assert after.count(b"\n") == before.count(b"\n")


@pytest.mark.parametrize(
    "text",
    [b"# the secret of the house", b"option secret-santa 1;", b'"secret-file": "/etc/key"', b"\xff\x00secret"],
    ids=ascii,
)
def test_what_is_no_secret_stays_as_it_is(text: bytes) -> None:
    assert concealed(text) == text


def test_a_key_that_moves_out_of_a_file_is_not_shown_by_the_diff() -> None:
    """The first change of a server that was taken over: its key goes into a file of its own."""
    old = b'key k {\n    secret "%s";\n}\nsubnet 10.0.0.0 netmask 255.0.0.0 { }\n' % KEY
    diff = file_diff(old, b'include "/etc/dhcp/rackdesk-keys.conf";\nsubnet 10.0.0.0 netmask 255.0.0.0 { }\n')
    assert KEY.decode() not in "".join(row.text for row in diff.rows)
    assert diff.removed == 3


def test_a_flood_of_words_takes_no_longer_than_its_length() -> None:
    assert concealed(b"secret " * 200_000 + b'"secret": "' + b"\\" * 200_000)
