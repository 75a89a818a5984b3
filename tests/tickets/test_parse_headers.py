"""Header values as people's programs write them."""

from __future__ import annotations

import pytest

from tests.tickets.mail_files import mail
from tickets.facts.mail import Address
from tickets.parse.addresses import addresses
from tickets.parse.encoded_words import decoded_value


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        pytest.param(b"=?utf-8?Q? Hello=20you?=", "Hello you", id="spaces inside a Q word"),
        pytest.param(b"=?utf-8?B?7ISc67KE?= =?utf-8?B?IOusuOydmA==?=", "서버 문의", id="the space between words goes"),
        pytest.param(b"=?euc-kr?B?vK259g==?= =?utf-8?B?7ISc67KE?=", "서버서버", id="words of two charsets"),
        pytest.param(b"Re: =?utf-8?Q?Gr=C3=B6=C3=9Fe?=(x)", "Re: Größe(x)", id="glued to other text"),
        pytest.param(b"=?utf-8?Q?a?b?=", "a?b", id="a question mark inside"),
        pytest.param(b"=?utf-8?B?7ISc67K?=", "서\ufffd", id="cut in the middle of a letter"),
        pytest.param(b"=?utf-8?B?7ISc\r\n 67KE?=", "서버", id="folded inside a word"),
        pytest.param(b"=?x-unknown?Q?caf=C3=A9?=", "café", id="a charset that nobody knows"),
        pytest.param(b"=?utf-8*ko?Q?=EC=84=9C?=", "서", id="with a language"),
        pytest.param(b"=?iso-2022-jp?B?iXeWa4z7?=", "駅北口", id="iso-2022-jp that is cp932"),
        pytest.param(b"=?utf-8?X?abc?= 1 =?2", "=?utf-8?X?abc?= 1 =?2", id="no encoded word at all"),
        pytest.param("서버 down".encode(), "서버 down", id="raw utf-8"),
        pytest.param("Größe".encode("latin-1"), "Größe", id="raw latin-1"),
    ],
)
def test_a_value_reads_as_its_writer_saw_it(raw: bytes, text: str) -> None:
    assert decoded_value(raw) == text


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        pytest.param(b"kim@a.example", [("kim@a.example", "")], id="bare"),
        pytest.param(b"kim@a.example (Kim Minji)", [("kim@a.example", "Kim Minji")], id="name in a comment"),
        pytest.param(
            b'"Kim, Minji" <kim@a.example>, b@c.example',
            [("kim@a.example", "Kim, Minji"), ("b@c.example", "")],
            id="comma in quotes",
        ),
        pytest.param(
            b"=?utf-8?Q?Kim,_Minji?= <kim@a.example>", [("kim@a.example", "Kim, Minji")], id="comma in an encoded word"
        ),
        pytest.param(
            b"Kim | [example.com] <kim@a.example>",
            [("kim@a.example", "Kim | [example.com]")],
            id="brackets in the name",
        ),
        pytest.param(b"Team: a@x.example, b@x.example;", [("a@x.example", ""), ("b@x.example", "")], id="a group"),
        pytest.param(b"undisclosed-recipients:;", [], id="an empty group"),
        pytest.param(b"Test kim@a.example", [("kim@a.example", "Test")], id="no brackets"),
        pytest.param(b"<<kim@a.example>>", [("kim@a.example", "")], id="brackets twice"),
        pytest.param(b'"Kim <kim@a.example>', [("kim@a.example", "Kim")], id="a quote that never ends"),
        pytest.param(b"'kim@a.example' <kim@a.example>", [("kim@a.example", "kim@a.example")], id="quotes of Outlook"),
        pytest.param(b"=?utf-8?B?6rmAIDxraW1AYS5leGFtcGxlPg==?=", [("kim@a.example", "김")], id="all of it encoded"),
        pytest.param(
            b"a@x.example; b@x.example", [("a@x.example", ""), ("b@x.example", "")], id="semicolons of Outlook"
        ),
        pytest.param(
            b"Kim (at work (really)) <kim@a.example>", [("kim@a.example", "Kim")], id="a comment in a comment"
        ),
    ],
)
def test_addresses_are_found_with_their_names(raw: bytes, found: list[tuple[str, str]]) -> None:
    assert [(one.email, one.name) for one in addresses(raw)] == found


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        pytest.param("From: [???]\nFrom: Kim <kim@a.example>", Address("kim@a.example", "Kim"), id="a second From"),
        pytest.param("From: Kim <>\nReply-To: k@a.example", Address("k@a.example"), id="an empty address"),
        pytest.param("From: MAILER-DAEMON (Mail)", Address("MAILER-DAEMON", "Mail"), id="a local name"),
        pytest.param("From: Kim (kim@a.example)", Address("kim@a.example", "Kim"), id="the address in the comment"),
        pytest.param(
            'From: "x y" <power system@a.example>', Address("power system@a.example", "x y"), id="spaces in it"
        ),
    ],
)
def test_the_sender_is_found(header: str, sender: Address) -> None:
    assert mail(header).sender == sender


def test_an_address_that_cannot_be_used_is_told_and_kept_as_written() -> None:
    facts = mail("From: x <power system@a.example>")
    assert not facts.sender.usable
    assert [str(one) for one in facts.damage] == ["The sender has no address that mail can be sent to."]


def test_a_subject_cannot_bring_a_line_break() -> None:
    assert mail("Subject: =?utf-8?Q?a=0D=0ABcc:_x?=").subject == "a Bcc: x"
