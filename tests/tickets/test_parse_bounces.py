"""Reports of mail servers and mails of programs."""

from __future__ import annotations

import pytest

from tests.tickets.mail_files import facts_of, mail
from tickets.choices import AutomaticKind
from tickets.facts.mail import Bounce, BouncedRecipient


def _bounce(name: str) -> Bounce:
    bounce = facts_of(name).bounce
    assert bounce is not None
    return bounce


def test_a_standard_report_tells_who_why_and_which_mail() -> None:
    bounce = _bounce("bounce_dsn_unknown_user")
    assert bounce.recipients == (
        BouncedRecipient("lee@else.example", "failed", "5.1.1", "550 5.1.1 <box17@else.example>: User unknown"),
    )
    assert bounce.recipients[0].no_such_address
    assert bounce.original_message_id == "rd.12.c34.00112233445566778899aabbccddeeff@panel.example"
    assert (bounce.original_subject, bounce.original_references) == ("[#4711] Your server", ("first@else.example",))


def test_a_delay_is_not_permanent() -> None:
    bounce = _bounce("bounce_dsn_delayed")
    assert (bounce.permanent, bounce.recipients[0].action) == (False, "delayed")


def test_qmail_is_understood() -> None:
    bounce = _bounce("bounce_qmail")
    assert (bounce.style, bounce.original_message_id) == ("qmail", "sent77@panel.example")
    assert [(one.email, one.status) for one in bounce.recipients] == [("park@old.example", "5.1.1")]


def test_the_prose_of_exchange_is_understood() -> None:
    bounce = _bounce("bounce_exchange_prose")
    assert [(one.email, one.status, one.no_such_address) for one in bounce.recipients] == [
        ("choi@corp.example", "5.1.10", True)
    ]


def test_a_person_who_writes_about_returned_mail_is_a_person() -> None:
    facts = mail("Subject: Undelivered mail returned to sender?", "What does <a@b.example>: mean?\n")
    assert (facts.bounce, facts.automatic) == (None, None)


def test_a_report_of_success_is_no_bounce() -> None:
    body = "--r\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\nFinal-Recipient: rfc822; a@b.example\nAction: delivered\n--r--"
    facts = mail(
        "Auto-Submitted: auto-replied\nContent-Type: multipart/report; report-type=delivery-status; boundary=r", body
    )
    assert facts.bounce is None


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        pytest.param("Auto-Submitted: auto-replied (vacation)", AutomaticKind.REPLIED, id="RFC 3834 reply"),
        pytest.param("Auto-Submitted: auto-generated", AutomaticKind.GENERATED, id="RFC 3834 notice"),
        pytest.param("X-Auto-Response-Suppress: DR, RN, OOF, AutoReply", AutomaticKind.GENERATED, id="Exchange"),
        pytest.param("Precedence: auto_reply", AutomaticKind.REPLIED, id="osTicket"),
        pytest.param("Precedence: bulk", AutomaticKind.LIST, id="bulk"),
        pytest.param("X-Autoreply: yes", AutomaticKind.REPLIED, id="x-autoreply"),
        pytest.param("List-Id: <x.lists.example>", AutomaticKind.LIST, id="a mailing list"),
        pytest.param("Return-Path: <>", AutomaticKind.GENERATED, id="nobody to return it to"),
        pytest.param(
            "Precedence: bulk\nX-Autorespond: x", AutomaticKind.REPLIED, id="the answering machine counts first"
        ),
    ],
)
def test_a_program_gives_itself_away(header: str, kind: AutomaticKind) -> None:
    automatic = mail(header).automatic
    assert automatic is not None
    assert (automatic.kind, automatic.certain) == (kind, True)


@pytest.mark.parametrize("header", ["Auto-Submitted: no", "Precedence: normal", "X-Auto-Response-Suppress: None"])
def test_a_header_that_denies_it_is_believed(header: str) -> None:
    assert mail(header).automatic is None


def test_a_subject_alone_is_a_weak_sign() -> None:
    automatic = facts_of("out_of_office_korean").automatic
    assert automatic is not None
    assert (automatic.kind, automatic.certain, automatic.why) == (AutomaticKind.REPLIED, False, "subject")
