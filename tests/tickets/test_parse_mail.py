"""Whole mails to facts: the kinds of mail that other help desks lose or garble."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.tickets.mail_files import facts_of, mail
from tickets.choices import FoldKind
from tickets.errors import UnreadableMail
from tickets.parse.mail import mail_facts


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param(
            "korean_undeclared_cp949",
            "안녕하세요, 서버가 부팅되지 않습니다.\n확인 부탁드립니다.\n",
            id="no charset at all",
        ),
        pytest.param("korean_declared_euc_kr_but_uhc", "똠방각하 펲시콜라 문의\n", id="euc-kr that is uhc"),
        pytest.param("chinese_declared_gb2312_but_gbk", "伺服器無法啓動，請協助。朱镕基\n", id="gb2312 that is gbk"),
        pytest.param(
            "japanese_iso_2022_jp_with_nec_signs", "①サーバーが起動しません\n", id="iso-2022-jp with NEC signs"
        ),
        pytest.param("flowed_with_delsp", "A long line that flows.\n> quoted text\n-- \nKim\n", id="flowed and delsp"),
        pytest.param("smime_signed", "signed words", id="S/MIME signed"),
        pytest.param("stray_lines_in_header", "still read\n", id="stray lines in the header"),
    ],
)
def test_the_text_is_what_its_writer_wrote(name: str, text: str) -> None:
    assert facts_of(name).text == text


def test_a_subject_without_charset_is_read_by_what_its_bytes_say() -> None:
    assert facts_of("korean_undeclared_cp949").subject == "서버 문의"


def test_a_character_cut_in_two_by_encoded_words_is_whole_again() -> None:
    assert facts_of("split_character_in_encoded_words").subject == "한글"


def test_an_inline_picture_keeps_the_id_that_the_html_names() -> None:
    facts = facts_of("alternative_with_inline_picture")
    (picture,) = facts.attachments
    assert (facts.text, picture.name, picture.content_id, picture.inline) == (
        "See the picture.",
        "shot.png",
        "pic@x",
        True,
    )
    assert 'src="cid:pic@x"' in facts.html


def test_a_forwarded_mail_is_one_file_named_by_its_subject() -> None:
    facts = facts_of("forwarded_mail_inside")
    (file,) = facts.attachments
    assert (file.type, file.name) == ("message/rfc822", "Café down.eml")
    assert file.data.startswith(b"From: other@else.example\n")
    assert file.data.endswith(b"--b2--")
    assert facts.text == "Please look at this."


def test_signatures_and_encrypted_mail_stay_whole() -> None:
    assert [file.name for file in facts_of("smime_signed").attachments] == ["smime.p7s"]
    encrypted = facts_of("pgp_encrypted")
    assert [file.type for file in encrypted.attachments] == ["application/pgp-encrypted", "application/octet-stream"]
    assert encrypted.attachments[1].data.startswith(b"-----BEGIN PGP MESSAGE-----")


def test_a_uuencoded_file_is_attached_and_folded_but_not_taken_away() -> None:
    facts = facts_of("uuencoded_report")
    (file,) = facts.attachments
    assert (file.name, file.data, file.from_text) == ("hosts.csv", b"host,state\nxen1,down\nxen2,up\n", True)
    assert [fold.kind for fold in facts.folds] == [FoldKind.UUENCODE]
    assert facts.visible_text == "Hello,\n\n\nbye\n"
    assert "begin 644 hosts.csv" in facts.text


def test_files_come_out_of_winmail_dat_which_stays_too() -> None:
    facts = facts_of("winmail_with_one_file")
    assert [(file.name, file.data) for file in facts.attachments if file.from_text] == [("계획.txt", b"the plan")]
    assert facts.attachments[0].name == "winmail.dat"


def test_text_below_a_picture_is_in_the_text_and_marked_as_going_on() -> None:
    facts = facts_of("apple_mail_text_below_picture")
    assert facts.text == "above\nbelow"
    assert facts.html == "<p>above</p>"
    assert [(file.type, file.continues_body) for file in facts.attachments] == [
        ("image/png", False),
        ("text/html", True),
    ]


def test_only_an_attachment_gives_no_text_at_all() -> None:
    facts = mail("Content-Type: text/plain; name=a.txt\nContent-Disposition: attachment; filename=a.txt")
    assert (facts.text, [file.name for file in facts.attachments]) == ("", ["a.txt"])


def test_a_text_with_a_name_is_the_body_where_there_is_no_other() -> None:
    facts = mail("Content-Type: text/plain; name=body.txt")
    assert facts.text == "text\n"


def test_a_multipart_whose_boundary_never_comes_still_shows_its_words() -> None:
    facts = mail("Content-Type: multipart/mixed; boundary=nowhere", "all that there is\n")
    assert facts.text == "all that there is\n"
    assert [str(one) for one in facts.damage] == ["The mail ends before its last part does."]


def test_a_mail_without_a_blank_line_after_its_header_is_read() -> None:
    facts = mail_facts(b"From: kim@a.example\nSubject: s\nHello there\nsecond line\n")
    assert (facts.subject, facts.text) == ("s", "Hello there\nsecond line\n")


def test_old_macintosh_line_ends_are_line_ends() -> None:
    facts = mail_facts(b"From: kim@a.example\rSubject: s\r\rone\rtwo\r")
    assert (facts.subject, facts.text) == ("s", "one\ntwo\n")


def test_the_charset_in_the_html_counts_where_the_header_names_none() -> None:
    body = '<meta http-equiv=x content="text/html; charset=euc-kr"><p>서버</p>'.encode("euc-kr")
    assert mail("Content-Type: text/html", body).text == "서버"


def test_utf_8_that_is_called_latin_1_is_utf_8() -> None:
    assert mail("Content-Type: text/plain; charset=iso-8859-1", "Größe 크기").text == "Größe 크기"


def test_html_alone_gives_a_text_too() -> None:
    facts = mail(
        "Content-Type: text/html", "<style>p{}</style><p>One &amp; two</p><ul><li>a<li>b</ul><script>x()</script>"
    )
    assert facts.text == "One & two\n\na\nb"


def test_text_before_html_is_not_lost() -> None:
    body = "--b\nContent-Type: text/plain\n\n1 < 2\n--b\nContent-Type: text/html\n\n<p>legal</p>\n--b--\n"
    facts = mail("Content-Type: multipart/mixed; boundary=b", body)
    assert (facts.text, "1 &lt; 2" in facts.html, "<p>legal</p>" in facts.html) == ("1 < 2\nlegal", True, True)


def test_a_nameless_part_gets_a_name_by_its_type() -> None:
    body = "--b\nContent-Type: application/pdf\n\n%PDF\n--b\n\ntext\n--b--\n"
    facts = mail("Content-Type: multipart/mixed; boundary=b", body)
    assert [file.name for file in facts.attachments] == ["part-1.pdf"]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        pytest.param("filename*=utf-8''%EA%B3%84%ED%9A%8D.pdf", "계획.pdf", id="RFC 2231"),
        pytest.param(
            "filename*0*=utf-8''%EA%B3; filename*1*=%84%ED%9A%8D; filename*2=.pdf",
            "계획.pdf",
            id="cut inside a character",
        ),
        pytest.param('filename="=?utf-8?B?6rOE7ZqNLnBkZg==?="', "계획.pdf", id="encoded word in quotes"),
        pytest.param('filename="C:\\\\Users\\\\kim\\\\a.pdf"', "a.pdf", id="a Windows path"),
        pytest.param('filename="../../etc/passwd"', "passwd", id="a way out of the folder"),
        pytest.param('filename="fdp\u202e.exe"', "fdp.exe", id="a turn in the direction of writing"),
        pytest.param("filename=two words.pdf", "two words.pdf", id="spaces without quotes"),
    ],
)
def test_a_file_has_the_name_that_was_meant(header: str, name: str) -> None:
    assert mail(f"Content-Type: application/pdf\nContent-Disposition: attachment; {header}").attachments[0].name == name


@pytest.mark.parametrize(
    ("content", "data"),
    [
        pytest.param(b"aGVsbG8gd29y bGQ=\n", b"hello world", id="spaces inside"),
        pytest.param(b"aGVsbG8=\nd29ybGQ=\n", b"helloworld", id="two pieces joined"),
        pytest.param(b"aGVsbG8", b"hello", id="the padding is missing"),
        pytest.param(b"aGVsbG8gd29ybGQhI", b"hello world!", id="cut in the middle"),
        pytest.param(
            b"aGVsbG8=\n_______\nlist footer!\n", b"hello\n_______\nlist footer!\n", id="a footer of a mailing list"
        ),
    ],
)
def test_base64_is_read_whatever_happened_to_it(content: bytes, data: bytes) -> None:
    head = "Content-Type: application/x\nContent-Transfer-Encoding: base64"
    assert mail(head, content).attachments[0].data == data


def test_the_time_is_utc_and_nonsense_is_no_time() -> None:
    assert mail("Date: Mon, 2 Nov 2026 10:15:00 +0900 (KST)").date == datetime(2026, 11, 2, 1, 15, tzinfo=UTC)
    assert mail("Date: Fri, 99 Foo 20266 77:15:00").date is None


def test_ids_lose_their_brackets_and_what_a_program_broke_into_them() -> None:
    facts = mail(
        "Message-ID:\n <a@b>\nIn-Reply-To: Your message of Monday <c@d>\nReferences: <x@y>\n <long\n id@z> <c@d>"
    )
    assert (facts.message_id, facts.in_reply_to, facts.references) == ("a@b", "c@d", ("x@y", "longid@z", "c@d"))


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\n\n \n", id="blank lines"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00\x00", id="a picture"),
        pytest.param(b"Just a note, no header.\n\nReally.\n", id="a plain text"),
    ],
)
def test_what_is_no_mail_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(UnreadableMail, match="no header"):
        mail_facts(raw)
