"""Mails that break the rules in ways that programs really do, and what a careful reader makes of them."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime

import pytest

from tickets.facts.mail import MailFacts
from tickets.parse.charsets import codec_of, decoded
from tickets.parse.dates import mail_date
from tickets.parse.html_text import html_text
from tickets.parse.mail import mail_facts

HEAD = b"From: Ann Lee <ann@customer.example>\nTo: ticket@desk.example\nSubject: s\n"


def with_field(line: str) -> MailFacts:
    return mail_facts(f"{line}\nSubject: s\n\nbody\n".encode())


def with_body(header: str, body: str | bytes) -> MailFacts:
    content = body.encode() if isinstance(body, str) else body
    return mail_facts(HEAD + header.encode() + b"\n\n" + content)


@pytest.mark.parametrize(
    ("line", "name", "email"),
    [
        pytest.param('From: Bob <"joe bloggs"@a.example>', "Bob", '"joe bloggs"@a.example', id="quoted local part"),
        pytest.param('From: "/G=Bob/S=Lee/"@gw.example', "", '"/G=Bob/S=Lee/"@gw.example', id="X.400 without brackets"),
        pytest.param("From: Bob <'bob@a.example'>", "Bob", "bob@a.example", id="address in single quotes"),
        pytest.param("From : bob@a.example", "", "bob@a.example", id="space before the colon"),
        pytest.param("From: \nSender: s@a.example\nReply-To: r@a.example", "", "r@a.example", id="empty From"),
        pytest.param("From: =?windows 1252?Q?J=F6rg?= <j@a.example>", "Jörg", "j@a.example", id="space in a charset"),
    ],
)
def test_the_sender_is_known(line: str, name: str, email: str) -> None:
    sender = with_field(line).sender
    assert (sender.name, sender.email) == (name, email)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("To: a@desk.example b@desk.example", id="spaces for commas"),
        pytest.param("To: a@desk.example,\n\t\n\tb@desk.example", id="a folded line with nothing in it"),
        pytest.param("To: , a@desk.example,, b@desk.example,", id="commas around nobody"),
    ],
)
def test_nobody_that_a_mail_is_sent_to_is_lost(line: str) -> None:
    assert [one.email for one in with_field(f"From: x@a.example\n{line}").to] == ["a@desk.example", "b@desk.example"]


def test_a_line_of_spaces_ends_the_header_where_text_comes_after_it() -> None:
    assert mail_facts(b"From: a@a.example\nSubject: s\n  \nhello\n").text == "hello\n"


@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param(b"\xef\xbb\xbf", id="a byte order mark"),
        pytest.param(b"\n\n", id="empty lines"),
        pytest.param(b"From ann@a.example Mon May  2 16:07:05 2005\n", id="an mbox line"),
    ],
)
def test_what_stands_before_the_header_is_passed_over(beginning: bytes) -> None:
    facts = mail_facts(beginning + HEAD + b"\nhello\n")
    assert (facts.sender.email, facts.text) == ("ann@customer.example", "hello\n")


def test_a_mail_saved_as_utf_16_is_read() -> None:
    assert mail_facts((HEAD + b"\nhello\n").decode().encode("utf-16")).text == "hello\n"


@pytest.mark.parametrize(
    ("written", "codec"),
    [
        ("win-1251", "cp1251"), ("x-windows-1252", "cp1252"), ("cp-1252", "cp1252"), ("IBM850", "cp850"),
        ("iso88591", "cp1252"), ("iso_8859-1:1987", "cp1252"), ("latin2", "iso8859-2"), ("latin-9", "iso8859-15"),
        ("x-mac-cyrillic", "mac_cyrillic"), ("csISO2022JP", "iso-2022-jp"), ("utf-8//IGNORE", "utf-8"),
        ("charset=utf-8", "utf-8"), ("koi8r", "koi8-r"), ("csgb2312", "gb18030"),
    ],
)  # fmt: skip
def test_a_charset_is_known_by_all_of_its_spellings(written: str, codec: str) -> None:
    assert codec_of(written) == codec


@pytest.mark.parametrize(
    "written", ["hex", "zlib", "rot13", "idna", "unicode_escape", "base64", "none", "%CHARSET", ""]
)
def test_what_is_no_charset_is_not_taken_for_one(written: str) -> None:
    assert codec_of(written) is None


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Zażółć gęślą jaźń", "iso8859_2"), ("Şifremi unuttum, ığdır", "cp1254"), ("Сервер не отвечает", "iso8859_5"),
        ("Сервер не отвечает", "cp866"), ("СРОЧНО ОТВЕТЬТЕ", "cp1251"), ("السلام عليكم ورحمة", "cp1256"),
        ("네", "cp949"), ("10 €", "cp1252"), ("Schöne Grüße aus Köln", "latin1"),
    ],
)  # fmt: skip
def test_text_that_names_no_charset_is_read_by_its_letters(text: str, codec: str) -> None:
    assert decoded(text.encode(codec)) == text


@pytest.mark.parametrize(
    ("text", "codec", "said"),
    [
        pytest.param("안녕하세요. 서버 접속이 되지 않습니다.", "cp949", "iso-8859-1", id="Korean called Latin"),
        pytest.param("您好，请问服务器什么时候可以恢复？", "gbk", "us-ascii", id="Chinese called ASCII"),
        pytest.param("Здравствуйте, сервер не отвечает", "cp1251", "iso-8859-1", id="Russian called Latin"),
        pytest.param("サーバーに接続できません。お願いします。", "euc_jp", "shift_jis", id="EUC called Shift_JIS"),
        pytest.param("伺服器無法連線，請協助處理", "big5", "gb2312", id="Big5 called GB 2312"),
        pytest.param("Сервер не отвечает", "utf-8", "koi8-r", id="UTF-8 called KOI8-R"),
        pytest.param("hi 한글", "utf-16-be", "utf-16", id="UTF-16 without a mark"),
    ],
)
def test_a_charset_that_lies_is_not_believed(text: str, codec: str, said: str) -> None:
    assert decoded(text.encode(codec), said) == text


def test_a_header_without_charset_is_read_by_that_of_the_body() -> None:
    text = "שלום עולם".encode("cp1255")
    facts = mail_facts(
        b"From: a@a.example\nSubject: " + text + b"\nContent-Type: text/plain; charset=windows-1255\n\nx\n"
    )
    assert facts.subject == "שלום עולם"


@pytest.mark.parametrize(
    "header",
    [
        "Content-Type: text/html Content-Transfer-Encoding: 8bit", "Content-Type: text/html\\r\\n",
        "Content-Type: text/html (really); charset=utf-8 (x)", "Content-Type: text / html ; charset = utf-8",
        "Content-Type: TEXT/HTML charset=utf-8", "Content-Type: html",
    ],
)  # fmt: skip
def test_html_is_known_however_its_type_is_written(header: str) -> None:
    facts = with_body(header, "<p>안녕</p>")
    assert (facts.html, facts.text, facts.attachments) == ("<p>안녕</p>", "안녕", ())


@pytest.mark.parametrize("kind", ["text/", "text/text", "text", "", "charset=utf-8", "text/plain charset=utf-8"])
def test_text_is_known_however_its_type_is_written(kind: str) -> None:
    facts = with_body(f"Content-Type: {kind}", "hello")
    assert (facts.text, facts.attachments) == ("hello", ())


def test_a_text_of_an_unknown_kind_is_shown_and_kept_where_there_is_no_other() -> None:
    facts = with_body("Content-Type: text/markdown; charset=utf-8", "*hello*")
    assert (facts.text, [file.data for file in facts.attachments]) == ("*hello*", [b"*hello*"])


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        pytest.param("quoted printable", "h=C3=A4", id="a space"),
        pytest.param('"Quoted-Printable"; x', "h=C3=A4", id="quotes and more"),
        pytest.param("quoted-printable", "h=  \n=C3=A4", id="spaces behind a soft line break"),
        pytest.param("base-64", "aMOk", id="base-64"),
        pytest.param("base64", "hä", id="never encoded, of few letters"),
    ],
)
def test_a_transfer_encoding_is_undone_however_it_is_written(encoding: str, body: str) -> None:
    facts = with_body(f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: {encoding}", body)
    assert facts.text.strip() == "hä"


def test_plain_text_that_is_called_base64_stays() -> None:
    header = "Content-Type: text/plain\nContent-Transfer-Encoding: base64"
    assert with_body(header, "Hello, this was never encoded at all.").text == "Hello, this was never encoded at all."


def test_base64_of_the_kind_for_addresses_is_decoded() -> None:
    header = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64"
    assert with_body(header, "w6TDtsO8w58_w6Q-").text == "äöüß?ä>"


PARTS = (
    "--BB\nContent-Type: text/plain\n\nhello\n--BB\nContent-Type: application/pdf; name=a.pdf\n"
    f"Content-Transfer-Encoding: base64\n\n{b64encode(b'PDF').decode()}\n--BB--\n"
)


@pytest.mark.parametrize(
    "parameter",
    [
        pytest.param("", id="no boundary named"),
        pytest.param('\n\tboundary="BB"', id="no semicolon"),
        pytest.param('; boundary="XX"', id="another boundary named"),
        pytest.param("; boundary='BB'", id="single quotes"),
        pytest.param("; boundary:BB", id="a colon"),
    ],
)
def test_parts_are_found_where_the_header_does_not_say_what_divides_them(parameter: str) -> None:
    facts = with_body(f"Content-Type: multipart/mixed{parameter}", PARTS)
    assert (facts.text, [(file.name, file.data) for file in facts.attachments]) == ("hello", [("a.pdf", b"PDF")])


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        pytest.param('Content-Type: image/png name="a.png"', "a.png", id="no semicolon"),
        pytest.param("Content-Type: image/png\nContent-Disposition: filename=a.png", "a.png", id="no disposition"),
        pytest.param("Content-Type: image/png; name='a.png'", "a.png", id="single quotes"),
        pytest.param(
            "Content-Type: image/png\nContent-Location: http://x.example/y/a%20b.png?z", "a b.png", id="place"
        ),
        pytest.param("Content-Type: application/octet-stream\nContent-Description: a.pdf", "a.pdf", id="description"),
        pytest.param('Content-Type: image/png; title="b name=c.png"; name=a.png', "a.png", id="name= within quotes"),
    ],
)
def test_a_file_has_the_name_that_its_sender_meant(lines: str, name: str) -> None:
    facts = with_body("Content-Type: multipart/mixed; boundary=BB", f"--BB\n{lines}\n\nx\n--BB--\n")
    assert [file.name for file in facts.attachments] == [name]


def test_the_versions_of_a_body_may_have_file_names() -> None:
    body = "--BB\nContent-Type: text/plain; name=a.txt\n\nplain\n--BB\nContent-Type: text/html; name=a.html\n\n<p>rich</p>\n--BB--\n"
    facts = with_body("Content-Type: multipart/alternative; boundary=BB", body)
    assert (facts.text, facts.html, facts.attachments) == ("plain", "<p>rich</p>", ())


@pytest.mark.parametrize(
    "written",
    [
        "Mon, 2 May 2005 16:07:05 +09:00", "Mon, 2 May 2005 16:07:05 KST", "2005-05-02T07:07:05Z",
        "2005-05-02 16:07:05 +0900", "Mon, 2 May 105 07:07:05 GMT", "Mo, 2 Mai 2005 16:07:05 +0900",
        "Monday, May 2, 2005 7:07:05 AM", "2005-05-02T16:07:05.123+09:00",
    ],
)  # fmt: skip
def test_a_date_is_read_however_it_is_written(written: str) -> None:
    assert mail_date(written) == datetime(2005, 5, 2, 7, 7, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["", "yesterday", "Mon, 31 Feb 2005 16:07:05 GMT", "2005-13-02T07:07:05Z", "9" * 300]
)
def test_what_is_no_date_is_none(written: str) -> None:
    assert mail_date(written) is None


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('<a title="a>b">x</a>', "x"), ("<a title='a>b' href=x>x</a>", "x"), ('<a title="a>x', "x"),
        ("<pre>a\nb</pre>c", "a\nb\nc"), ('<img alt="1 > 0">y', "y"),
    ],
)  # fmt: skip
def test_html_is_read_as_a_browser_reads_it(source: str, text: str) -> None:
    assert html_text(source) == text


def test_an_address_of_a_server_is_no_status_of_a_bounce() -> None:
    text = "The following address(es) failed:\n\n  x@c.example\n    host mx [1.2.3.4]: 550 5.1.1 unknown user\n"
    raw = f"Return-Path: <>\nFrom: Mailer-Daemon@c.example\nSubject: Mail delivery failed\n\n{text}"
    bounce = mail_facts(raw.encode()).bounce
    assert bounce is not None
    assert [(one.email, one.status) for one in bounce.recipients] == [("x@c.example", "5.1.1")]


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        pytest.param("--BB\nContent-Type: text/plain\nhello\nthere\n--BB--\n", "hello\nthere", id="no empty line"),
        pytest.param("--BB\nhello there\n\nworld\n--BB--\n", "hello there\n\nworld", id="no header at all"),
        pytest.param(
            "--BB\n\nhello\n--BB-- and this is below it\n\nmore\n", "hello", id="words behind the last boundary"
        ),
        pytest.param("--BB\n\nhello--BB--\n", "hello", id="a last boundary that begins no line"),
        pytest.param("--BB\n\nhello\n--BBX\n--BB--\n", "hello\n--BBX", id="a line that only begins like a boundary"),
        pytest.param("--bb\nContent-Type: text/plain\n\nhello\n--bb--\n", "hello", id="a boundary in other letters"),
    ],
)
def test_no_text_is_lost_between_damaged_boundaries(parts: str, text: str) -> None:
    assert with_body("Content-Type: multipart/mixed; boundary=BB", parts).text == text


def test_a_multipart_of_no_kind_is_mixed() -> None:
    assert with_body("Content-Type: multipart; boundary=BB", "--BB\n\nhello\n--BB--\n").text == "hello"


ORIGINAL = "Message-ID: <our.1@desk.example>\nSubject: our mail\n\nbody\n"


@pytest.mark.parametrize(
    ("subject", "text", "email", "status"),
    [
        pytest.param(
            "Undeliverable Mail",
            f"Delivery failed 10 attempts: x@c.example\n\nOriginal message follows.\n\n{ORIGINAL}",
            "x@c.example",
            "",
            id="IMail",
        ),
        pytest.param(
            "Returned mail: User unknown",
            "<x@c.example>  (unrecoverable error)\n\n   ----- Transcript of session follows -----\n"
            f"550 <x@c.example>... User unknown\n\n   ----- Original message follows -----\n\n{ORIGINAL}",
            "x@c.example",
            "5.0.0",
            id="old Sendmail",
        ),
        pytest.param(
            "Undeliverable: our mail",
            "Your message from ticket@desk.example to x@c.example couldn't be delivered.\n\n550 5.1.10 not found\n\n"
            f"Original message headers:\n\n{ORIGINAL}",
            "x@c.example",
            "5.1.10",
            id="Office 365",
        ),
        pytest.param(
            "메일이 반송되었습니다",
            f"수신자 : x@c.example\n사유 : 550 5.1.1 존재하지 않는 사용자\n\n----- Original Message -----\n{ORIGINAL}",
            "x@c.example",
            "5.1.1",
            id="Korean",
        ),
    ],
)
def test_a_report_in_prose_tells_who_did_not_get_which_mail(subject: str, text: str, email: str, status: str) -> None:
    head = f"Return-Path: <>\nFrom: postmaster@c.example\nTo: ticket@desk.example\nSubject: {subject}\n"
    bounce = mail_facts(f"{head}Content-Type: text/plain; charset=utf-8\n\n{text}".encode()).bounce
    assert bounce is not None
    assert [(one.email, one.status) for one in bounce.recipients] == [(email, status)]
    assert bounce.original_message_id == "our.1@desk.example"


@pytest.mark.parametrize("text", ["뷁", "똠방각하 펲시", "햏 뷁", "뚫훍 삶"])
def test_syllables_that_euc_kr_spells_out_are_letters_again(text: str) -> None:
    assert decoded(text.encode("euc_kr"), "euc-kr") == text
