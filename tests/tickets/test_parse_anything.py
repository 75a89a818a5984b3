"""Any bytes at all: facts or UnreadableMail, in time linear in their number."""

from __future__ import annotations

import os
import time
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hosts.facts.json_shape import to_json
from tests.tickets.mail_files import MAILS
from tickets.errors import UnreadableMail
from tickets.facts.mail import MailFacts
from tickets.parse.mail import mail_facts
from tickets.rules.clues import clues

EXAMPLES = int(os.environ.get("MAIL_EXAMPLES", "300"))
STRIDE = int(os.environ.get("MAIL_CUT_EVERY", "23"))
ALL = sorted(MAILS.glob("*.eml"))


def _survives(raw: bytes) -> None:
    try:
        facts = mail_facts(raw)
    except UnreadableMail:
        return
    assert isinstance(facts, MailFacts)
    for text in (facts.text, facts.html, facts.subject, facts.sender.email, facts.sender.name):
        assert "\0" not in text
        text.encode("utf-8")
    for folds, text in ((facts.folds, facts.text), (facts.html_folds, facts.html)):
        edges = [edge for fold in folds for edge in (fold.start, fold.end)]
        assert edges == sorted(edges)
        assert all(0 <= edge <= len(text) for edge in edges)
    assert all(file.name and "/" not in file.name and "\n" not in file.name for file in facts.attachments)
    to_json(facts.bounce)
    clues(facts)


TOKENS = st.sampled_from(
    [
        b"From: ", b"To: ", b"Subject: ", b"Date: ", b"References: ", b"\n", b"\n\n", b"\r\n", b"\r", b" ", b"\t", b":", b"<", b">",
        b"@", b",", b";", b'"', b"(", b")", b"\\", b"=?utf-8?Q?", b"=?iso-2022-jp?B?", b"?=", b"=", b"--b", b"--b--", b"--",
        b"Content-Type: multipart/mixed; boundary=b\n", b"Content-Type: multipart/alternative; boundary=b\n\n",
        b"Content-Type: text/html; charset=utf-7\n\n", b"Content-Type: text/plain; charset=hz; format=flowed; delsp=yes\n\n",
        b"Content-Type: message/delivery-status\n\n", b"Content-Type: application/ms-tnef\n\n", b"charset=johab", b"filename*0*=",
        b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: x-uuencode\n", b"begin 644 a\n", b"end\n", b"`\n",
        b"\x78\x9f\x3e\x22\x01\x00", b"\x1b$B", b"\x1b(B", b"\xff\xfe", b"\x00", b"\xb0\xa1", b"\xc3", b"+2AD-", b"~{", b"<blockquote type=cite>",
        b"</blockquote>", b"<!--", b"<script>", b"On x wrote:", b"> ", b"Action: failed\n", b"Final-Recipient: rfc822; a@b\n\n", b"a@b.c",
    ]
)  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TOKENS | st.binary(max_size=12), max_size=40).map(b"".join), st.booleans())
def test_any_bytes_are_a_mail_or_said_to_be_none(raw: bytes, has_sender: bool) -> None:
    _survives((b"From: a@b.example\n" if has_sender else b"") + raw)


@pytest.mark.parametrize("path", ALL, ids=[path.stem for path in ALL])
def test_a_mail_that_was_cut_anywhere_is_survived(path) -> None:
    raw = path.read_bytes()
    for end in range(0, len(raw), STRIDE):
        _survives(raw[:end])
        _survives(raw[:end] + raw[end + 3 :])


def test_a_thousand_nested_parts_are_survived_and_lose_nothing() -> None:
    deep = b"From: a@b.example\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth) for depth in range(1000)
    )
    facts = mail_facts(deep + b"\nthe innermost words\n")
    assert facts.text == "the innermost words\n"


def test_more_parts_than_are_divided_stay_in_the_last_one() -> None:
    raw = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 5000
    facts = mail_facts(raw)
    assert facts.text.count("x") == 5000


_MB = 1_000_000
HEAVY = {
    "one long line": b"From: a@b.example\n\n" + b"x" * 4 * _MB,
    "lines of dashes": b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--c\n" * _MB,
    "boundaries only": b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * _MB,
    "parts without blank lines": b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n"
    + b"--b\nX: y\n" * (_MB // 2),
    "unclosed tags": b"From: a@b.example\nContent-Type: text/html\n\n" + b"<div " * _MB,
    "unclosed comments": b"From: a@b.example\nContent-Type: text/html\n\n" + b"<!-- <" * (_MB // 2),
    "blockquotes": b"From: a@b.example\nContent-Type: text/html\n\n" + b"<blockquote type=cite>" * (_MB // 8),
    "attributions": b"From: a@b.example\n\n" + b"On a day somebody wrote:\n> x\nno\n" * (_MB // 20),
    "long lines like attributions": b"From: a@b.example\n\n" + (b"On " + b"wrote " * 150 + b"\n") * 2000,
    "begins of uuencode": b"From: a@b.example\n\n" + b"begin 644 a\n" * (_MB // 4),
    "one header of commas": b"From: " + b"," * 4 * _MB + b"\n\nx",
    "one header of quotes": b"From: " + b'"<(' * _MB + b"\n\nx",
    "one subject of encoded words": b"From: a@b.example\nSubject: " + b"=?utf-8?Q?x" * _MB + b"\n\nx",
    "a million headers": b"From: a@b.example\n" + b"a: b\n" * _MB + b"\nx",
    "padding": b"From: a@b.example\nContent-Type: a/b\nContent-Transfer-Encoding: base64\n\n" + b"A=" * 2 * _MB,
    "spaces": b"From: a@b.example\nSubject: " + b" " * 4 * _MB + b"x\n\n" + b" " * 4 * _MB,
    "escapes of iso-2022-jp": b"From: a@b.example\nContent-Type: text/plain; charset=iso-2022-jp\n\n"
    + b"\x1b$B\x21" * (_MB // 2),
}


@pytest.mark.parametrize("name", HEAVY)
def test_no_mail_takes_long(name: str) -> None:
    start = time.process_time()
    _survives(HEAVY[name])
    assert time.process_time() - start < 40


def test_forty_megabytes_take_little_more_memory_than_themselves() -> None:
    head = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: a/b\nContent-Transfer-Encoding: base64\n\n"
    raw = (
        head + b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5emFiY2Rl\n" * 520_000 + b"--b--\n"
    )
    tracemalloc.start()
    facts = mail_facts(raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert facts.attachments[0].size == 57 * 520_000
    assert peak < 4 * len(raw)
