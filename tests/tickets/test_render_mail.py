"""Outgoing mails in their form: golden files, and what no name, subject or file can do to a header."""

from __future__ import annotations

import datetime
import email
import email.policy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts.errors import RenderError
from tickets.choices import AutomaticKind, MailKind
from tickets.facts.outgoing import Letter, LetterFile
from tickets.parse.mail import mail_facts
from tickets.render import words_en, words_ko
from tickets.render.header_lines import address_line, ids_line, text_line, wire_address
from tickets.render.letters import Around, Composed, Quote, Wording, composed
from tickets.render.mail import mail_bytes

GOLDEN = Path(__file__).parent / "golden"
AT = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=datetime.UTC)
TAG = "rd.7.c3.0123456789abcdef0123456789abcdef"
ENGLISH = {
    "recipient.name": "Lee Jiwoo",
    "ticket.number": "100041",
    "ticket.subject": "The server does not boot",
    "response": "Please try again now.\n\nSee https://desk.example/boot?a=1&b=2.",
    "signature": "Kim Minsu\nExample Hosting",
}
KOREAN = {
    "recipient.name": "이지우",
    "ticket.number": "100041",
    "ticket.subject": "서버가 부팅되지 않습니다",
    "ticket.dept": "기술지원",
    "ticket.dept.signature": "예시 호스팅\nhttps://desk.example/",
}


def worded(kind: MailKind, words, language: str, values: dict[str, str], **around) -> Composed:
    subject, body = words.WORDS[kind]
    return composed(
        Wording(subject, body, words.PHRASES, language), values, {}, Around(number="100041", tag=TAG, **around)
    )


def letter(said: Composed, **fields) -> Letter:
    wanted = {
        "from_email": "support@desk.example",
        "from_name": "Kim Minsu (Example Hosting)",
        "to_email": "lee@customer.example",
        "to_name": "Lee Jiwoo",
        "message_id": f"a1b2c3d4e5f6.{TAG}@desk.example",
        "date": AT,
    } | fields
    return Letter(subject=said.subject, text=said.text, html=said.html, **wanted)


def an_agents_answer() -> Letter:
    quote = Quote("Lee Jiwoo", "Nov. 23, 2026, 11:30 a.m. (UTC)", "It hangs at the logo.\n\nPlease help.")
    said = worded(MailKind.TICKET_REPLY, words_en, "en", ENGLISH, quote=quote)
    return letter(
        said,
        language="en",
        in_reply_to="first@customer.example",
        references=("ticket-5.20261123@rackdesk.invalid", "first@customer.example"),
    )


def a_receipt_in_korean() -> Letter:
    said = worded(MailKind.TICKET_AUTORESPONSE, words_ko, "ko", KOREAN)
    return letter(said, language="ko", to_name="이지우", from_name="예시 호스팅", automatic="auto-replied")


def an_answer_with_a_picture_and_files() -> Letter:
    said = worded(MailKind.TICKET_REPLY, words_en, "en", ENGLISH, left_out=("dump.img (4.1 GB)",))
    files = (
        LetterFile("screen.png", "image/png", b"\x89PNG not really", is_inline=True, content_id="screen@desk.example"),
        LetterFile("보고서 2026.pdf", "application/pdf", b"%PDF-1.4 not really"),
        LetterFile("forwarded.eml", "message/rfc822", b"From: somebody\n\nA mail inside."),
    )
    return letter(said, language="en", files=files)


def an_alert_with_empty_lines_left_out() -> Letter:
    values = {"ticket.name": "Lee", "ticket.email": "lee@customer.example", "ticket.priority": "High", **ENGLISH}
    values |= {"message": "<b>not bold</b> & %{note}", "ticket.staff_link": "https://desk.example/panel/tickets/100041"}
    said = worded(MailKind.TICKET_ALERT, words_en, "en", values, at_ticket=("dmesg.txt",))
    return letter(said, language="en", to_email="kim@desk.example", to_name='Kim "Min" Su', automatic="auto-generated")


STORIES = (
    an_agents_answer,
    a_receipt_in_korean,
    an_answer_with_a_picture_and_files,
    an_alert_with_empty_lines_left_out,
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_mail_reads_as_its_golden_file(story) -> None:
    wanted = (GOLDEN / f"{story.__name__}.eml").read_bytes()
    assert mail_bytes(story()).replace(b"\r\n", b"\n") == wanted


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_our_own_reader_finds_what_was_written(story) -> None:
    wanted = story()
    found = mail_facts(mail_bytes(wanted))
    assert (found.sender.email, found.sender.name) == (wanted.from_email, wanted.from_name)
    assert (found.to[0].email, found.to[0].name) == (wanted.to_email, wanted.to_name)
    assert found.subject == wanted.subject
    assert found.message_id == wanted.message_id
    assert found.references == wanted.references
    assert found.text.strip() == wanted.text.strip()
    assert found.html.strip() == wanted.html.strip()
    assert {file.name for file in found.attachments} == {file.name for file in wanted.files}
    assert {file.data for file in found.attachments} == {file.data for file in wanted.files}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_nothing_on_the_way_has_a_reason_to_rewrite_it(story) -> None:
    lines = mail_bytes(story()).split(b"\r\n")
    assert max(len(line) for line in lines if not line.startswith(b"Message-ID:")) <= 78
    assert all(line.isascii() and b"\n" not in line and b"\r" not in line for line in lines)


def test_an_automatic_mail_is_known_as_one() -> None:
    assert mail_facts(mail_bytes(a_receipt_in_korean())).automatic.kind == AutomaticKind.REPLIED
    assert mail_facts(mail_bytes(an_alert_with_empty_lines_left_out())).automatic.kind == AutomaticKind.GENERATED
    assert mail_facts(mail_bytes(an_agents_answer())).automatic is None
    assert b"List-" not in mail_bytes(an_alert_with_empty_lines_left_out())


def test_an_answer_to_our_mail_folds_our_mail_away() -> None:
    ours = an_agents_answer().text
    quoted = "\n".join(f"> {line}" for line in ours.splitlines())
    answer = f"It boots. Thank you!\n\n{quoted}\n"
    found = mail_facts(mail_bytes(letter(Composed("Re: x", answer, ""))))
    assert found.visible_text.strip() == "It boots. Thank you!"


@given(
    st.text(max_size=200),
    st.text(max_size=120),
    st.text(max_size=120),
    st.text(max_size=120),
    st.text(max_size=80),
    st.text(max_size=60),
)
def test_no_text_makes_a_header_of_its_own(
    subject: str, name: str, file_name: str, file_type: str, reference: str, content_id: str
) -> None:
    files = (
        LetterFile(file_name, file_type, b"data"),
        LetterFile(file_name, file_type, b"data", is_inline=True, content_id=content_id),
    )
    said = Composed(subject, "text\n", "<p>text</p>\n")
    raw = mail_bytes(
        letter(said, from_name=name, to_name=name, references=(reference,), in_reply_to=reference, files=files)
    )
    parsed = email.message_from_bytes(raw, policy=email.policy.compat32)
    known = {"From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type"}
    assert set(parsed.keys()) <= known
    assert len(parsed.keys()) == len(set(parsed.keys()))
    of_parts = {"Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Content-ID", "MIME-Version"}
    for part in list(parsed.walk())[1:]:
        assert set(part.keys()) <= of_parts


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (address_line("To", "a@b.example", "Kim, Min"), 'To: "Kim, Min" <a@b.example>\r\n'),
        (address_line("To", "a@b.example", 'Say "hi"'), 'To: "Say \\"hi\\"" <a@b.example>\r\n'),
        (address_line("To", "a@b.example", "Kim\r\nBcc: x@y.example"), 'To: "Kim Bcc: x@y.example" <a@b.example>\r\n'),
        (address_line("To", "a@b.example", "=?utf-8?q?x?="), "To: =?utf-8?b?PT91dGYtOD9xP3g/PQ==?= <a@b.example>\r\n"),
        (address_line("To", "a@고객.example", ""), "To: <a@xn--i49alo.example>\r\n"),
        (text_line("Subject", "a\r\nBcc: x"), "Subject: a Bcc: x\r\n"),
        (ids_line("References", ("a@b", "no id", "x\r\ny@z", "c@d")), "References: <a@b> <c@d>\r\n"),
        (ids_line("In-Reply-To", ("",)), ""),
    ],
    ids=["a comma", "quotation marks", "a line break in a name", "an encoded word as a name", "a foreign domain",
         "a line break in a subject", "ids that are none", "no id"],
)  # fmt: skip
def test_a_header_line_stays_one(line: str, wanted: str) -> None:
    assert line == wanted


@pytest.mark.parametrize(
    "address", ["", "nobody", "a b@c.example", "이@c.example", "a@b.example\r\nRCPT TO:<x@y>", "a@" + "x" * 300],
    ids=["nothing", "no domain", "a space", "a name beyond ASCII", "a command", "too long"],
)  # fmt: skip
def test_an_address_that_cannot_stand_in_a_mail_is_refused(address: str) -> None:
    with pytest.raises(RenderError, match="no address that a mail server would take"):
        wire_address(address)


def test_a_long_quotation_is_cut() -> None:
    said = worded(MailKind.TICKET_REPLY, words_en, "en", ENGLISH, quote=Quote("Lee", "today", "line\n" * 50_000))
    assert len(said.text) < 50_000
    assert "> […]" in said.text


def test_another_readers_signature_does_not_travel_on() -> None:
    foreign = "rd.9.c8.fedcba9876543210fedcba9876543210"
    values = {**ENGLISH, "response": f"You wrote [{foreign}] here"}
    said = composed(
        Wording("%{ticket.subject}", "%{response}", words_en.PHRASES),
        values,
        {"response": f"<p>{foreign}</p>"},
        Around(tag=TAG, quote=Quote("Lee", "today", f"> [{foreign}]")),
    )
    assert foreign not in said.text + said.html
    assert TAG in said.text
    assert TAG in said.html
