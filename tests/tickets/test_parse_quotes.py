"""What is folded as a quotation, by the habits of mail programs, and what never is."""

from __future__ import annotations

import pytest

from tickets.choices import FoldKind
from tickets.facts.mail import unfolded
from tickets.parse.quotes import text_folds
from tickets.parse.quotes_html import html_folds

ANSWER = "It works now, thank you.\n\n"

TEXTS = {
    "Gmail, English": "On Mon, Nov 2, 2026 at 10:15 AM Support <ticket@panel.example> wrote:\n\n> Did it help?\n> -- Support\n",
    "Gmail, English, wrapped": "On Mon, Nov 2, 2026 at 10:15 AM A Very Long Name Of Support\n<ticket@panel.example> wrote:\n\n> Did it help?\n",
    "Gmail, Korean": "2026년 11월 2일 (월) 오전 10:15, 고객지원 <ticket@panel.example>님이 작성:\n\n> 도움이 되었나요?\n",
    "Apple Mail, German": "Am 02.11.2026 um 10:15 schrieb Support <ticket@panel.example>:\n\n> Hat es geholfen?\n",
    "Thunderbird, French": "Le 02/11/2026 à 10:15, Support a écrit :\n> Ça marche ?\n",
    "Thunderbird, Korean": "2026-11-02 오전 10:15에 고객지원 이(가) 쓴 글:\n> 도움이 되었나요?\n",
    "Outlook, English": "________________________________\nFrom: Support <ticket@panel.example>\nSent: Monday, November 2, 2026 10:15\nTo: Kim\nSubject: Server\n\nDid it help?\n",
    "Outlook, Korean": "보낸 사람: 고객지원 <ticket@panel.example>\n보낸 날짜: 2026년 11월 2일 월요일 오전 10:15\n받는 사람: 김민지\n제목: 서버\n\n도움이 되었나요?\n",
    "Outlook, German": "Von: Support <ticket@panel.example>\nGesendet: Montag, 2. November 2026 10:15\nAn: Kim\nBetreff: Server\n\nHat es geholfen?\n",
    "Outlook, old": "-----Original Message-----\nFrom: Support\n\nDid it help?\n",
    "Naver": '-----Original Message-----\nFrom: "고객지원" <ticket@panel.example>\nTo: <kim@naver.example>\nCc:\nSent: 2026-11-02 (월) 10:15:00 (GMT+09:00)\nSubject: 서버\n\n도움이 되었나요?\n',
    "Daum": "--------- 원본 메일 ---------\n보낸사람 : 고객지원 <ticket@panel.example>\n받는사람 : kim@daum.example\n날짜: 2026년 11월 2일\n제목: 서버\n\n도움이 되었나요?\n",
    "iPhone, unmarked": "2026. 11. 2. 오전 10:15, 고객지원 <ticket@panel.example> 작성:\n\n도움이 되었나요?\n",
    "Chinese": "在 2026年11月2日，Support <ticket@panel.example> 写道：\n> 好了吗？\n",
    "only marks": "> Did it help?\n> -- Support\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_quotation_below_an_answer_is_folded(name: str) -> None:
    text = ANSWER + TEXTS[name]
    (fold,) = text_folds(text)
    assert (text[: fold.start], fold.end, fold.kind) == (ANSWER, len(text), FoldKind.QUOTE)


def test_our_reply_line_folds_with_the_attribution_above_it() -> None:
    text = f"{ANSWER}On Mon, 2 Nov 2026, Support wrote:\n\n> ##- 이 줄 위에 답장을 써 주세요 -##\n> Did it help?\nnot marked\n"
    (fold,) = text_folds(text)
    assert (text[: fold.start], fold.end, fold.kind) == (ANSWER, len(text), FoldKind.MARKER)


def test_an_answer_below_the_quotation_stays_visible() -> None:
    text = "On Monday, Support wrote:\n> Did it help?\n> Tell us.\n\nYes, it did.\n"
    assert unfolded(text, text_folds(text)) == "\nYes, it did.\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("> Is it on?\nYes.\n> Which version?\n4.17\n", id="answers between quoted lines"),
        pytest.param(
            "On Monday, Support wrote:\n> Is it on?\nYes.\n> Which version?\n4.17\n", id="the same with attribution"
        ),
        pytest.param(
            "-----Original Message-----\nFrom: a\nSubject: b\n\nforwarded\n", id="a forwarded mail and nothing else"
        ),
        pytest.param("> all\n> of it\n", id="nothing but a quotation"),
        pytest.param("From: here on it fails.\nI tried to: reboot\n", id="a sentence with a colon"),
        pytest.param("The output is\n__________________________\nroot@xen1\n", id="a rule"),
        pytest.param("On the box he wrote: nothing.\nMore of my text.\n", id="a sentence like an attribution"),
        pytest.param("> one line\nmy text\n", id="one marked line"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_the_writer_wants_read_is_not_folded(text: str) -> None:
    assert text_folds(text) == ()


HTMLS = {
    "Gmail": '<div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Mon, Support wrote:<br></div><blockquote class="gmail_quote" style="x">Did it help?</blockquote></div>',
    "Apple Mail": '<div><br><blockquote type="cite"><div>On 2 Nov 2026, at 10:15, Support wrote:</div>Did it help?</blockquote></div>',
    "Thunderbird": '<div class="moz-cite-prefix">Am 02.11.2026 schrieb Support:<br></div><blockquote type="cite" cite="mid:x">Geholfen?</blockquote>',
    "Outlook on the web": '<div id="appendonsend"></div><hr tabindex="-1"><div id="divRplyFwdMsg"><b>From:</b> Support<br><b>Sent:</b> Monday</div><div>Did it help?</div>',
    "Outlook for Windows": '<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p><b>보낸 사람:</b> 고객지원<br><b>보낸 날짜:</b> 월요일</p></div></div><p>도움이 되었나요?</p>',
    "Naver": "<p>-----Original Message-----<br><b>From:</b> 고객지원<br><b>Sent:</b> 2026-11-02</p><p>도움이 되었나요?</p>",
    "Daum": "<div>--------- 원본 메일 ---------<br>보낸사람 : 고객지원</div><p>도움이 되었나요?</p>",
    "our reply line": "<p>##- Please write above this line -##</p><p>Did it help?</p>",
    "plain labels": "<p><b>From:</b> Support<br><b>Date:</b> Monday<br></p><p>Did it help?</p>",
}


@pytest.mark.parametrize("name", HTMLS)
def test_the_quotation_in_html_is_folded_to_the_end(name: str) -> None:
    answer = "<p>It works now, thank you.</p>"
    source = answer + HTMLS[name]
    (fold,) = html_folds(source)
    assert unfolded(source, (fold,)).removeprefix(answer) in {"", "<div><br>", "<div><br></div>", "<div>"}
    assert fold.start >= len(answer)


def test_an_answer_below_the_quotation_in_html_stays_visible() -> None:
    source = '<div class="moz-cite-prefix">On Monday, Support wrote:</div><blockquote type="cite">Did it <blockquote>x</blockquote> help?</blockquote><p>Yes.</p>'
    assert unfolded(source, html_folds(source)) == "<p>Yes.</p>"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("<p>Hello</p>", id="no quotation"),
        pytest.param("<blockquote type=cite>forwarded</blockquote>", id="nothing but a quotation"),
        pytest.param(
            "<p>a</p><blockquote>a quotation from a book</blockquote><p>b</p>", id="a blockquote of the writer"
        ),
        pytest.param("", id="nothing"),
    ],
)
def test_html_that_is_all_new_is_not_folded(source: str) -> None:
    assert html_folds(source) == ()
