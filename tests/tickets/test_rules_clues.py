"""Where a ticket may be named in a mail, and where naming it is worth nothing."""

from __future__ import annotations

import base64

import pytest

from tickets.facts.threading import Clues, SignedTag
from tickets.parse.mail import mail_facts
from tickets.render.message_id import message_id, tags_in, token
from tickets.rules.clues import clues

KEYS = (b"a key of thirty-two bytes, or so",)
TAG = SignedTag(4711, "c12")
TOKEN = token(TAG, KEYS)
OWN_ID = message_id(TAG, KEYS, "desk.example")
HEAD = (
    "From: Ann <ann@customer.example>\nTo: ticket@desk.example\nSubject: {subject}\nMIME-Version: 1.0\n{more}\n{body}"
)


def mail(body: str = "hello", *, subject: str = "Printer", more: str = "", kind: str = "text/plain") -> bytes:
    text = HEAD.format(subject=subject, more=f"{more}Content-Type: {kind}; charset=utf-8\n", body=body)
    return text.encode()


def with_file(name: str, kind: str, data: bytes) -> bytes:
    body = (
        "--b\nContent-Type: text/plain\n\nsee the file\n"
        f'--b\nContent-Type: {kind}; name="{name}"\nContent-Disposition: attachment; filename="{name}"\n'
        f"Content-Transfer-Encoding: base64\n\n{base64.encodebytes(data).decode()}\n--b--\n"
    )
    return HEAD.format(subject="Printer", more="Content-Type: multipart/mixed; boundary=b\n", body=body).encode()


def proved(raw: bytes) -> tuple[SignedTag, ...]:
    """What the signed ids in a mail prove, each once and best first."""
    found = (tag for text in clues(mail_facts(raw)).texts for tag in tags_in(text, KEYS))
    return tuple(dict.fromkeys(found))


COUNTS = {
    "In-Reply-To": mail(more=f"In-Reply-To: <{OWN_ID}>\n"),
    "In-Reply-To without brackets": mail(more=f"In-Reply-To: {OWN_ID}\n"),
    "In-Reply-To in capitals": mail(more=f"In-Reply-To: <{OWN_ID.upper()}>\n"),
    "In-Reply-To broken over two lines": mail(more=f"In-Reply-To: <{OWN_ID[:30]}\n {OWN_ID[30:]}>\n"),
    "In-Reply-To with words in front": mail(more=f"In-Reply-To: Your message of today <{OWN_ID}>\n"),
    "In-Reply-To as part of a larger id": mail(more=f"In-Reply-To: <x.{TOKEN}.y@proxy.example>\n"),
    "References alone": mail(more=f"References: <{OWN_ID}>\n"),
    "References first of three": mail(more=f"References: <{OWN_ID}> <a@x.example> <b@x.example>\n"),
    "References last of three": mail(more=f"References: <a@x.example> <b@x.example> <{OWN_ID}>\n"),
    "References broken over lines": mail(more=f"References: <a@x.example>\n\t<{OWN_ID}>\n"),
    "body text": mail(f"thank you\n\nRef: {TOKEN}\n"),
    "body text in a quotation": mail(f"thank you\n\n> Ref: {TOKEN}\n"),
    "body text as part of a larger word": mail(f"see https://desk.example/r/{TOKEN}/x"),
    "body text with a line break": mail(f"thank you\n\n> Ref: {TOKEN[:25]}\n> {TOKEN[25:]}\n"),
    "body HTML": mail(f"<p>thanks</p><p>{TOKEN}</p>", kind="text/html"),
    "body HTML between tags": mail(f"<p>thanks <b>{TOKEN}</b>!</p>", kind="text/html"),
    "body HTML with tags inside": mail(f"<p>{TOKEN[:20]}<wbr>{TOKEN[20:]}</p>", kind="text/html"),
    "body HTML with a line break": mail(f"<p>{TOKEN[:20]}\n{TOKEN[20:]}</p>", kind="text/html"),
    "HTML attribute": mail(f'<p>thanks</p><div class="{TOKEN}"></div>', kind="text/html"),
    "HTML attribute of a link": mail(f'<a href="https://desk.example/?r={TOKEN}">x</a>', kind="text/html"),
}


@pytest.mark.parametrize("place", COUNTS)
def test_a_signed_id_counts_in(place: str) -> None:
    assert proved(COUNTS[place]) == (TAG,)


COUNTS_NOT = {
    "subject": mail(subject=f"Re: {TOKEN}"),
    "text attachment": with_file("old.txt", "text/plain", OWN_ID.encode()),
    "HTML attachment": with_file("old.html", "text/html", f'<p class="{TOKEN}">{TOKEN}</p>'.encode()),
    "image attachment": with_file("old.png", "image/png", b"\x89PNG" + TOKEN.encode()),
    "attached mail": with_file("old.eml", "message/rfc822", f"Message-ID: <{OWN_ID}>\n\n{TOKEN}".encode()),
    "some other header": mail(more=f"X-Reference: <{OWN_ID}>\nComments: {TOKEN}\n"),
    "a name": mail(more=f"Cc: {TOKEN} <x@y.example>\n"),
    "In-Reply-To with one digit changed": mail(more=f"In-Reply-To: <{OWN_ID.replace('4711', '4712')}>\n"),
    "In-Reply-To with another recipient": mail(more=f"In-Reply-To: <{OWN_ID.replace('c12', 'a12')}>\n"),
    "In-Reply-To cut short": mail(more=f"In-Reply-To: <{TOKEN[:-2]}@desk.example>\n"),
    "nothing at all": mail(),
}


@pytest.mark.parametrize("place", COUNTS_NOT)
def test_a_signed_id_does_not_count_in(place: str) -> None:
    assert proved(COUNTS_NOT[place]) == ()


def test_in_reply_to_comes_before_references_which_are_read_from_the_right() -> None:
    facts = mail_facts(
        mail(more="In-Reply-To: <c@x>\nReferences: <a@x> <b@x> <c@x>\n", subject="Re: [#100001] and #100002")
    )
    found = clues(facts)
    assert found.ids == ("c@x", "b@x", "a@x")
    assert found.texts[:3] == found.ids
    assert found.numbers == ("100001", "100002")


def test_several_signed_ids_are_all_found_the_last_reference_first() -> None:
    older, newer = SignedTag(1, "c1"), SignedTag(2, "c1")
    ids = [message_id(tag, KEYS, "desk.example") for tag in (older, newer)]
    assert proved(mail(more=f"References: <{ids[0]}> <{ids[1]}>\n")) == (newer, older)


def test_a_mail_without_anything_has_no_clues_but_its_words() -> None:
    assert clues(mail_facts(mail("hello"))) == Clues(texts=("hello", ""))


def test_a_bounce_leads_to_the_mail_that_it_returns() -> None:
    report = (
        "--b\nContent-Type: text/plain\n\nIt could not be delivered.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        "Final-Recipient: rfc822; ann@customer.example\nAction: failed\nStatus: 5.1.1\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{OWN_ID}>\nReferences: <a@x.example>\n\n--b--\n"
    )
    raw = (
        "From: MAILER-DAEMON@mx.example\nSubject: Undelivered\nMIME-Version: 1.0\n"
        f"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n{report}"
    ).encode()
    assert clues(mail_facts(raw)).original_texts[0] == OWN_ID
