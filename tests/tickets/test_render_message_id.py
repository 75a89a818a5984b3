"""Signed Message-IDs: nobody without the key makes one, and mail programs may break them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts.errors import RenderError
from tickets.facts.threading import SignedTag
from tickets.render.message_id import message_id, tags_in, token
from tickets.render.subject import subject_line
from tickets.rules.subject_token import numbers_in

KEYS = (b"the key that signs from today on", b"the key that signed until today.")
TAG = SignedTag(12, "a5")


def test_an_id_has_the_domain_and_leads_back_to_its_entry() -> None:
    made = message_id(TAG, KEYS, "Desk.Example")
    assert made.endswith("@desk.example")
    assert tags_in(made, KEYS) == (TAG,)
    assert TAG.to_agent


def test_an_id_carries_at_least_sixteen_bytes_of_signature() -> None:
    assert len(token(TAG, KEYS).rsplit(".", 1)[1]) == 32


def test_an_older_key_is_still_believed_and_a_foreign_one_is_not() -> None:
    assert tags_in(message_id(TAG, KEYS[1:], "desk.example"), KEYS) == (TAG,)
    assert tags_in(message_id(TAG, (b"a key that somebody else has got",), "desk.example"), KEYS) == ()


@given(st.integers(0, 31), st.sampled_from("0123456789abcdef"))
def test_no_changed_digit_of_the_signature_is_believed(at: int, digit: str) -> None:
    made = token(TAG, KEYS)
    start = len(made) - 32 + at
    changed = made[:start] + digit + made[start + 1 :]
    assert tags_in(changed, KEYS) == ((TAG,) if changed == made else ())


@given(st.text(max_size=300))
def test_no_text_without_a_signature_proves_anything(text: str) -> None:
    assert tags_in(text, KEYS) == ()
    assert tags_in(f"rd.{text}", KEYS) == ()


@pytest.mark.parametrize(
    ("tag", "keys", "domain"),
    [
        (TAG, (), "desk.example"),
        (TAG, (b"short",), "desk.example"),
        (SignedTag(-1, "c1"), KEYS, "desk.example"),
        (SignedTag(1, "x1"), KEYS, "desk.example"),
        (TAG, KEYS, "desk example"),
        (TAG, KEYS, ""),
        (TAG, KEYS, "a\r\nBcc: x"),
    ],
    ids=["no key", "short key", "no entry", "nobody", "space in the domain", "no domain", "line break in the domain"],
)
def test_what_could_not_be_a_proof_is_not_made(tag: SignedTag, keys: tuple[bytes, ...], domain: str) -> None:
    with pytest.raises(RenderError):
        message_id(tag, keys, domain)


@pytest.mark.parametrize(
    ("subject", "line"),
    [
        ("Printer", "Printer [#100001]"),
        ("Re: Printer [#100001]", "Re: Printer [#100001]"),
        ("[#100001] [#100001] Printer", "Printer [#100001]"),
        ("Printer\r\nBcc: everybody@x.example", "Printer Bcc: everybody@x.example [#100001]"),
        ("", "[#100001]"),
        ("x" * 400, "x" * 200 + " [#100001]"),
    ],
    ids=["plain", "an answer", "twice", "a line break", "nothing", "long"],
)
def test_a_subject_names_its_ticket_once_and_on_one_line(subject: str, line: str) -> None:
    assert subject_line(subject, "100001") == line


@given(st.text(max_size=80))
def test_whatever_the_subject_the_number_is_found_in_it_again(subject: str) -> None:
    made = subject_line(subject, "TKT-000041")
    assert made.count("[#TKT-000041]") == 1
    assert "\n" not in made
    assert "\r" not in made
    assert "TKT-000041" in numbers_in(made) or len(numbers_in(made)) == 5
