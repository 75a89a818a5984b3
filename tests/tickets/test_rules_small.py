"""Small rules: ways between states, names behind an @, waits between tries, numbers by a pattern, safe HTML."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.choices import EventKind, FoldKind, TicketState
from tickets.facts.mail import Fold
from tickets.facts.webhook import Call
from tickets.render.number import ticket_number
from tickets.render.safe_html import safe_html
from tickets.render.webhook import headers
from tickets.rules.backoff import LONGEST, wait_seconds
from tickets.rules.mentions import MOST, mentions
from tickets.rules.states import event_of, is_way


@pytest.mark.parametrize(
    ("pattern", "value", "number"),
    [
        ("######", 41, "000041"),
        ("TKT-######", 41, "TKT-000041"),
        ("##-###", 12345, "12-345"),
        ("T##", 1234, "T1234"),
        ("TKT", 7, "TKT7"),
    ],
    ids=["padded", "after a word", "two groups", "more digits than signs", "no sign at all"],
)
def test_a_number_fills_its_pattern(pattern: str, value: int, number: str) -> None:
    assert ticket_number(pattern, value) == number


@given(st.text("#AB-", max_size=12), st.integers(0, 10**9), st.integers(0, 10**9))
def test_two_values_never_make_one_number(pattern: str, first: int, second: int) -> None:
    assert (ticket_number(pattern, first) == ticket_number(pattern, second)) == (first == second)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@mina look", ("mina",)),
        ("see (@Mina.Park), @joon_lee.", ("mina.park", "joon_lee")),
        ("@mina@desk.example!", ("mina@desk.example",)),
        ("write to mail@example.com or https://x/@y", ()),
        ("@김민지 확인", ("김민지",)),
        ("@a @A", ("a",)),
    ],
    ids=["one", "with marks around", "by address", "addresses are none", "in Korean", "once"],
)
def test_names_stand_behind_an_at_sign(text: str, found: tuple[str, ...]) -> None:
    assert mentions(text) == found


def test_nobody_can_call_the_whole_house() -> None:
    assert len(mentions(" ".join(f"@agent{number}" for number in range(500)))) == MOST


def test_waits_grow_and_end_at_six_hours() -> None:
    waits = [wait_seconds(tries) for tries in range(1, 30)]
    assert waits[:3] == [30, 120, 480]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST


def test_nothing_leads_out_of_deleted_and_only_finished_tickets_are_archived() -> None:
    assert not any(is_way(TicketState.DELETED, after) for after in TicketState)
    assert not is_way(TicketState.OPEN, TicketState.ARCHIVED)
    assert event_of(TicketState.OPEN, TicketState.OPEN) == EventKind.STATUS
    assert event_of(TicketState.CLOSED, TicketState.OPEN) == EventKind.REOPENED


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>x</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:x'>y</a>",
        "<style>p{}</style>",
        "<form action='//evil'><input></form>",
        "<iframe src='//evil'></iframe>",
        "<p style='position:fixed'>y</p>",
        "<svg><script>x</script></svg>",
    ],
)
def test_what_could_act_is_taken_out(hostile: str) -> None:
    clean, _ = safe_html(hostile)
    for word in ("script", "onerror", "style", "form", "iframe", "<svg"):
        assert word not in clean


def test_a_fold_whose_element_was_taken_out_is_left_out() -> None:
    html = "<p>a</p><style>b</style>"
    start = html.index("b</style>")
    assert safe_html(html, (Fold(start, start + 1, FoldKind.QUOTE),)) == ("<p>a</p>", ())


@given(st.text(max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_folds_never_point_outside_and_leave_no_trace(html: str, one: int, other: int) -> None:
    start, end = sorted((min(one, len(html)), min(other, len(html))))
    clean, folds = safe_html(html, (Fold(start, end, FoldKind.QUOTE),))
    assert all(0 <= fold.start < fold.end <= len(clean) for fold in folds)
    assert "\ue000" not in clean
    assert "\ue001" not in clean


def test_a_call_is_signed_over_its_time_and_body() -> None:
    call = Call(7, "https://hook.example/x", "created", b'{"a":1}', b"secret")
    signed = headers(call, 1_700_000_000)
    expected = hmac.new(b"secret", b'1700000000.{"a":1}', hashlib.sha256).hexdigest()
    assert signed["X-Rackdesk-Signature"] == f"t=1700000000,v1={expected}"
    assert "secret" not in repr(call)
