"""Numbers in subjects, and subjects without what answering puts in front."""

from __future__ import annotations

import pytest

from tickets.rules.subject_token import bare_subject, numbers_in


@pytest.mark.parametrize(
    ("subject", "numbers"),
    [
        ("Re: Printer [#100001]", ("100001",)),
        ("[Ticket #100001] Printer", ("100001",)),
        ("Re: [티켓 #100001] 프린터", ("100001",)),
        ("#tkt-000041", ("TKT-000041",)),
        ("Fwd: #100001 and #100002, #100001", ("100001", "100002")),
        ("#1234567 #2234567 #3234567 #4234567 #5234567 #6234567", ("1234567", "2234567", "3234567", "4234567", "5234567")),
        ("Printer on floor #2", ()),
        ("C#100001", ()),
        ("issue/#100001x-", ()),
        ("100001", ()),
        ("https://x.example/#100001", ()),
        ("", ()),
    ],
    ids=[
        "in brackets", "with a word", "with a Korean word", "a pattern in small letters", "two, one of them twice",
        "at most five", "too short", "part of a word", "part of a path", "without the sign", "an anchor", "empty",
    ],
)  # fmt: skip
def test_ticket_numbers_in_a_subject(subject: str, numbers: tuple[str, ...]) -> None:
    assert numbers_in(subject) == numbers


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("Re: AW: Fwd: Printer", "Printer"),
        ("RE[2]: Printer", "Printer"),
        ("답장: 회신: 프린터", "프린터"),
        ("回复：打印机", "打印机"),
        ("Reply: Printer", "Reply: Printer"),
        ("Regarding: x", "Regarding: x"),
        ("", ""),
    ],
)
def test_a_subject_without_the_signs_of_answers(subject: str, bare: str) -> None:
    assert bare_subject(subject) == bare
