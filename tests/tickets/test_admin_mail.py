"""Mailboxes: secrets go in and never come out, a test is asked for and read, what cannot work is refused."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.utils import timezone

from hosts.facts.words import plain
from hosts.models import AuditEntry
from hosts.services.credentials import rotate_keys
from tests import make
from tests.hosts.pages import logged_in, said, text_of, url
from tests.tickets.settings_pages import errors_of, page
from tickets.choices import MailboxState
from tickets.facts.mailbox import Step
from tickets.models import Mailbox
from tickets.services import mailboxes
from tickets.services.house import desk
from tickets.tasks.fetch import test_mailbox as try_mailbox

pytestmark = pytest.mark.django_db
SECRET = "s3cret-of-the-mailbox"
FIELDS = {
    "name": "Hanbit help",
    "address": "help@hanbit.example",
    "is_active": "on",
    "protocol": "imap",
    "host": "imap.hanbit.example",
    "port": "993",
    "security": "tls",
    "login": "password",
    "username": "help",
    "folder": "INBOX",
    "poll_seconds": "60",
    "after_fetch": "move",
    "move_to": "Fetched",
    "smtp_port": "465",
    "smtp_security": "tls",
    "smtp_login": "password",
}
GRANT = {"token_url": "https://tokens.example/", "client_id": "me", "client_secret": "hush", "refresh_token": SECRET}


@pytest.fixture
def admin() -> Any:
    desk()
    return logged_in(make.admin())


def made(client: Any, **fields: Any) -> Mailbox:
    client.post(page("mailbox", "add"), {**FIELDS, "password": SECRET, **fields})
    return Mailbox.objects.get()


def assert_never_shown(client: Any, mailbox: Mailbox, secret: str = SECRET) -> None:
    for where in (page("mailbox", "change", mailbox.pk), page("mailbox", "changelist")):
        assert secret not in text_of(client.get(where))
    assert secret not in str(list(AuditEntry.objects.values_list("details", "object_name")))


class TestSecrets:
    """Write-only."""

    def test_a_password_is_sealed_and_never_shown_again(self, admin: Any) -> None:
        mailbox = made(admin)
        assert mailbox.opened("secret") == {"password": SECRET}
        assert_never_shown(admin, mailbox)

    def test_what_was_typed_is_not_even_shown_after_a_refusal(self, admin: Any) -> None:
        answer = admin.post(page("mailbox", "add"), {**FIELDS, "password": SECRET, "address": "no address"})
        assert "address" in errors_of(answer)
        assert SECRET not in text_of(answer)

    def test_an_empty_field_keeps_the_stored_one(self, admin: Any) -> None:
        mailbox = made(admin)
        admin.post(page("mailbox", "change", mailbox.pk), {**FIELDS, "name": "Help of Hanbit"})
        mailbox.refresh_from_db()
        assert (mailbox.name, mailbox.opened("secret")) == ("Help of Hanbit", {"password": SECRET})

    def test_a_new_one_replaces_it_and_the_book_says_only_that(self, admin: Any) -> None:
        mailbox = made(admin)
        admin.post(page("mailbox", "change", mailbox.pk), {**FIELDS, "password": "another-one"})
        mailbox.refresh_from_db()
        assert mailbox.opened("secret") == {"password": "another-one"}
        assert AuditEntry.objects.get(object_type="mailbox", action="change").details == {"secret": ["", "changed"]}

    def test_a_grant_can_be_renewed_in_one_part(self, admin: Any) -> None:
        mailbox = made(admin, login="oauth2", **GRANT)
        assert mailbox.opened("secret") == GRANT
        assert_never_shown(admin, mailbox)
        fields = {**FIELDS, "login": "oauth2", "refresh_token": "a-new-token"}
        admin.post(page("mailbox", "change", mailbox.pk), fields)
        mailbox.refresh_from_db()
        assert mailbox.opened("secret") == GRANT | {"refresh_token": "a-new-token"}

    def test_sending_uses_the_password_for_fetching_where_none_is_typed(self, admin: Any) -> None:
        mailbox = made(admin, smtp_host="smtp.hanbit.example")
        assert mailbox.opened("smtp_secret") == {"password": SECRET}
        assert mailbox.smtp_username == "help"

    def test_no_login_forgets_the_password(self, admin: Any) -> None:
        mailbox = made(admin)
        admin.post(page("mailbox", "change", mailbox.pk), {**FIELDS, "login": "none"})
        mailbox.refresh_from_db()
        assert mailbox.secret is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"password": ""}, "Without a password the server lets nobody in", id="no password"),
        pytest.param({"host": ""}, "Which server is the mail fetched from?", id="no server"),
        pytest.param({"move_to": "inbox"}, "must move to another folder", id="moved to where it was"),
        pytest.param({"login": "oauth2"}, "OAuth2 needs the address of the token server", id="no grant"),
        pytest.param({"login": "oauth2", **GRANT, "token_url": "http://t.example/"}, "must begin with https://", id="an open token server"),
        pytest.param({"ca_certificate": "no PEM"}, "This is no PEM certificate", id="no certificate"),
        pytest.param({"poll_seconds": "1"}, "poll_seconds", id="polls too often"),
        pytest.param({"smtp_host": "smtp.example", "password": "", "login": "none"}, "Without a password the SMTP server", id="no SMTP password"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_while_somebody_looks(admin: Any, fields: dict[str, str], words: str) -> None:
    answer = admin.post(page("mailbox", "add"), {**FIELDS, "password": SECRET, **fields})
    assert words in text_of(answer)
    assert not Mailbox.objects.exists()


def test_a_mailbox_that_is_not_fetched_needs_no_server(admin: Any) -> None:
    mailbox = made(admin, protocol="none", host="", password="")
    assert mailbox.secret is None
    assert admin.get(page("mailbox", "change", mailbox.pk)).status_code == 200


def test_pop3_has_no_folders_to_move_to_and_nothing_is_deleted_unasked(admin: Any) -> None:
    assert made(admin, protocol="pop3").after_fetch == "mark"


@pytest.mark.parametrize(
    ("host", "warns"),
    [("localhost", False), ("127.0.0.1", False), ("mail.localhost", False), ("imap.example", True), ("10.0.0.7", True)],
)
def test_a_line_without_encryption_is_warned_of_unless_it_stays_on_this_machine(
    admin: Any, host: str, *, warns: bool
) -> None:
    answer = admin.post(page("mailbox", "add"), {**FIELDS, "password": SECRET, "security": "none", "host": host})
    assert any("without encryption" in line for line in said(answer)) is warns
    text = text_of(admin.get(page("mailbox", "change", Mailbox.objects.get().pk)))
    assert ("is not encrypted" in text) is warns


def test_what_a_fetcher_writes_meanwhile_is_not_overwritten(admin: Any) -> None:
    mailbox = made(admin)
    Mailbox.objects.update(uid_validity=7, last_uid=41, state=MailboxState.WELL)
    admin.post(page("mailbox", "change", mailbox.pk), {**FIELDS, "name": "Another name"})
    mailbox.refresh_from_db()
    assert (mailbox.name, mailbox.last_uid, mailbox.state) == ("Another name", 41, MailboxState.WELL)


def test_on_another_server_everything_is_looked_at_from_the_beginning(admin: Any) -> None:
    mailbox = made(admin)
    Mailbox.objects.update(uid_validity=7, last_uid=41, state=MailboxState.WELL)
    admin.post(page("mailbox", "change", mailbox.pk), {**FIELDS, "host": "imap2.hanbit.example"})
    mailbox.refresh_from_db()
    assert (mailbox.uid_validity, mailbox.last_uid, mailbox.state) == (0, 0, MailboxState.NEW)


class TestConnectionTest:
    """The button: a row and a worker."""

    @pytest.fixture
    def mailbox(self, admin: Any) -> Mailbox:
        return made(admin)

    def test_asking_wakes_a_worker_and_the_page_waits_for_it(
        self, admin: Any, mailbox: Mailbox, django_capture_on_commit_callbacks: Any, monkeypatch: Any
    ) -> None:
        woken: list[int] = []
        monkeypatch.setattr(try_mailbox, "delay", woken.append)
        with django_capture_on_commit_callbacks(execute=True):
            answer = admin.post(page("mailbox", "test", mailbox.pk), headers={"HX-Request": "true"})
        assert woken == [mailbox.pk]
        assert 'hx-trigger="every 1s"' in text_of(answer)
        assert AuditEntry.objects.filter(object_type="mailbox", action="test").exists()

    def test_without_a_script_it_leads_back_to_the_page(self, admin: Any, mailbox: Mailbox) -> None:
        answer = admin.post(page("mailbox", "test", mailbox.pk))
        assert answer["Location"] == page("mailbox", "change", mailbox.pk)

    def test_the_steps_are_read_on_the_page(self, admin: Any, mailbox: Mailbox) -> None:
        mailboxes.ask_for_test(mailbox, by=make.actor())
        steps = [Step(plain("Connect and log in"), ok=True, why=plain("imap:993")), Step(plain("Look"), ok=False, why=plain("no such folder"))]  # fmt: skip
        mailboxes.record_test(mailbox, steps)
        for where in (page("mailbox", "test", mailbox.pk), page("mailbox", "change", mailbox.pk)):
            text = text_of(admin.get(where))
            assert "Connect and log in" in text
            assert "no such folder" in text
            assert "every 1s" not in text

    def test_whoever_may_only_look_cannot_ask(self, mailbox: Mailbox) -> None:
        client = logged_in(make.user(permissions=["tickets.view_mailbox"]))
        assert client.get(page("mailbox", "change", mailbox.pk)).status_code == 200
        assert client.post(page("mailbox", "test", mailbox.pk)).status_code == 403
        assert Mailbox.objects.get().test_asked_at is None

    def test_why_a_mailbox_fails_stands_on_its_page_and_in_the_list(self, admin: Any, mailbox: Mailbox) -> None:
        mailbox.state, mailbox.state_why = MailboxState.FAILING, plain("imap.hanbit.example:993 does not answer.")
        mailbox.polled_at = timezone.now()
        mailbox.save()
        for where in (page("mailbox", "change", mailbox.pk), page("mailbox", "changelist")):
            assert "does not answer" in text_of(admin.get(where))


def test_others_do_not_see_mailboxes() -> None:
    assert logged_in(make.user()).get(url("admin:tickets_mailbox_changelist")).status_code == 403


def test_a_mailbox_still_opens_when_its_sealing_key_was_rotated_and_dropped(admin: Any, settings: Any) -> None:
    mailbox = made(admin, smtp_host="smtp.hanbit.example")
    new = Fernet.generate_key().decode()
    settings.SECRET_KEYS = [new, *settings.SECRET_KEYS]
    rotate_keys(by=make.actor())
    settings.SECRET_KEYS = [new]
    mailbox.refresh_from_db()
    assert mailbox.opened("secret") == mailbox.opened("smtp_secret") == {"password": SECRET}
