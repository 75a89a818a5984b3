"""The variable language of mails: what it fills in, what it refuses, what it never does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts.errors import RenderError
from tickets.choices import MailKind
from tickets.facts.variables import variables_for
from tickets.render import words_en, words_ko
from tickets.render.variables import as_html, check, filled, filled_html, names

KNOWN = {"ticket.number", "ticket.subject", "recipient.name", "message"}
VALUES = {"ticket.number": "100001", "recipient.name": "Lee"}


def test_variables_are_replaced() -> None:
    assert filled("Dear %{recipient.name}: %{ ticket.number }.", VALUES) == "Dear Lee: 100001."


def test_a_line_whose_variables_are_all_empty_is_left_out() -> None:
    assert filled("From %{recipient.name} %{note}\nDue: %{ticket.due_date}\nBye", VALUES) == "From Lee \nBye"


def test_the_signs_themselves_can_be_written() -> None:
    assert filled("100 %%{recipient.name} 50 % {x}", VALUES) == "100 %{recipient.name} 50 % {x}"
    check("%%{anything}", KNOWN)


def test_what_is_filled_in_is_not_read_again() -> None:
    values = {"message": "%{note} %{recipient.name}", "note": "secret", "recipient.name": "Lee"}
    assert filled("%{message}", values) == "%{note} %{recipient.name}"
    assert filled_html("%{message}", values, {}) == "<p>%{note} %{recipient.name}</p>"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("one\n%{ticket.nunber}", "Line 2: .*“ticket.nunber”.*Do you mean “ticket.number”"),
        ("%{ticket.__class__}", "Line 1: there is no variable “ticket.__class__”"),
        ("%{ticket.number.__init__.__globals__}", "there is no variable"),
        ("%{}", "there is no variable “”"),
        ("%{ticket.number", "“%{” is not closed. Write %%{ for the signs"),
        ("%{Ticket.Number}", "there is no variable"),
    ],
    ids=["a slip", "an attribute", "a way into objects", "nothing", "not closed", "capital letters"],
)
def test_saving_refuses(text: str, said: str) -> None:
    with pytest.raises(RenderError, match=said):
        check(text, KNOWN)


def test_sending_leaves_out_what_is_unknown() -> None:
    assert filled("a %{nonsense}b%{recipient.name}", VALUES) == "a bLee"


def test_html_is_escaped_in_words_and_values() -> None:
    said = filled_html("<b>%{recipient.name}</b>", {"recipient.name": '<script>"x"</script>'}, {})
    assert said == "<p>&lt;b&gt;&lt;script&gt;&quot;x&quot;&lt;/script&gt;&lt;/b&gt;</p>"


def test_paragraphs_and_links_are_made() -> None:
    said = filled_html("One\ntwo\n\nSee https://desk.example/a?b=1&c=2.", {}, {})
    assert said == (
        "<p>One<br>\ntwo</p>\n"
        '<p>See <a href="https://desk.example/a?b=1&amp;c=2">https://desk.example/a?b=1&amp;c=2</a>.</p>'
    )


def test_a_link_in_angle_brackets_ends_before_them() -> None:
    assert as_html("<https://x.example/>") == '&lt;<a href="https://x.example/">https://x.example/</a>&gt;'


def test_sanitised_html_of_an_answer_is_taken_as_it_is() -> None:
    assert (
        filled_html("%{response}", {"response": "x"}, {"response": "<p><b>x</b></p>"}) == "<div><p><b>x</b></p></div>"
    )


@given(st.text(), st.dictionaries(st.sampled_from(sorted(KNOWN)), st.text()))
def test_any_words_and_values_make_a_text(text: str, values: dict[str, str]) -> None:
    filled(text, values)
    filled_html(text, values, {})


@given(st.text(alphabet="<>&\"'%{}htps:/.a \n"))
def test_html_holds_no_tag_but_our_own(text: str) -> None:
    said = as_html(text)
    for mark in ("<br>\n", "</a>"):
        said = said.replace(mark, "")
    pieces = said.split('<a href="')
    assert "<" not in pieces[0]
    assert all("<" not in piece for piece in pieces[1:])


@pytest.mark.parametrize("words", [words_en, words_ko], ids=["English", "Korean"])
@pytest.mark.parametrize("kind", list(MailKind), ids=[kind.value for kind in MailKind])
def test_the_built_in_words_name_known_variables_only(words, kind: MailKind) -> None:
    subject, body = words.WORDS[kind]
    check(subject, variables_for(kind))
    check(body, variables_for(kind))
    assert "\n" not in subject


@pytest.mark.parametrize("kind", list(MailKind), ids=[kind.value for kind in MailKind])
def test_both_languages_say_the_same_things(kind: MailKind) -> None:
    assert names(words_en.WORDS[kind][1]) == names(words_ko.WORDS[kind][1])
    assert words_en.PHRASES.keys() == words_ko.PHRASES.keys()


@pytest.mark.parametrize(
    "kind", [kind for kind in MailKind if not kind.value.endswith((".alert", ".overdue"))], ids=str
)
def test_customers_mails_cannot_name_what_is_internal(kind: MailKind) -> None:
    assert not {"note", "ticket.staff_link", "assigner"} & variables_for(kind).keys()
