"""Contacts, customers, bans, canned responses and webhooks on their settings pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hosts.models import AuditEntry
from tests import make
from tests.hosts.pages import logged_in, text_of
from tests.tickets.settings_pages import errors_of, page, parts
from tickets.models import Ban, CannedResponse, Contact, Customer, Webhook, WebhookDelivery
from tickets.services.house import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Any:
    desk()
    return logged_in(make.admin())


class TestContacts:
    """People with their addresses."""

    def test_one_is_added_with_several_addresses_the_first_being_the_main_one(self, admin: Any) -> None:
        fields = {"name": "Minji Kim", "emails": "minji@hanbit.example\nkim@hanbit.example\n"}
        admin.post(page("contact", "add"), fields)
        row = Contact.objects.get()
        assert row.email == "minji@hanbit.example"
        assert row.addresses.count() == 2
        assert AuditEntry.objects.filter(object_type="contact", action="create").exists()

    def test_the_addresses_are_there_to_be_changed(self, admin: Any) -> None:
        admin.post(page("contact", "add"), {"name": "Minji", "emails": "a@x.example, b@x.example"})
        row = Contact.objects.get()
        assert "a@x.example\nb@x.example" in text_of(admin.get(page("contact", "change", row.pk)))
        admin.post(page("contact", "change", row.pk), {"name": "Minji", "emails": "b@x.example\nc@x.example"})
        assert [one.email for one in row.addresses.order_by("-is_main")] == ["b@x.example", "c@x.example"]

    @pytest.mark.parametrize(
        ("emails", "words"),
        [
            pytest.param("", "required", id="none"),
            pytest.param("no address", "is no mail address", id="none that mail could go to"),
            pytest.param("Taken@x.example", "Somebody else has the address", id="one of somebody else"),
        ],
    )
    def test_addresses_that_cannot_be_are_said_at_their_field(self, admin: Any, emails: str, words: str) -> None:
        admin.post(page("contact", "add"), {"name": "First", "emails": "taken@x.example"})
        answer = admin.post(page("contact", "add"), {"name": "Second", "emails": emails})
        assert words in str(errors_of(answer)["emails"])
        assert Contact.objects.count() == 1

    def test_a_login_is_given_by_those_who_see_people(self, admin: Any) -> None:
        login = make.customer("minji@hanbit.example")
        fields = {"name": "Minji", "emails": "minji@hanbit.example", "user": login.pk}
        permissions = ["tickets.view_contact", "tickets.add_contact"]
        without = logged_in(make.user(permissions=permissions, all_organizations=True))
        assert 'name="user"' not in text_of(without.get(page("contact", "add")))
        assert 'name="user"' in text_of(admin.get(page("contact", "add")))
        admin.post(page("contact", "add"), fields)
        assert Contact.objects.get().user == login

    def test_those_of_another_organization_are_absent(self) -> None:
        theirs = Contact.objects.create(name="Hidden Person", organization=make.organization())
        permissions = ["tickets.view_contact", "tickets.change_contact"]
        client = logged_in(make.user(permissions=permissions, organizations=[make.organization()]))
        assert "Hidden Person" not in text_of(client.get(page("contact", "changelist")))
        assert client.get(page("contact", "change", theirs.pk)).status_code == 302

    def test_the_page_asks_as_many_questions_for_many_as_for_one(
        self, admin: Any, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(12):
            admin.post(page("contact", "add"), {"name": f"Person {number}", "emails": f"p{number}@x.example"})
        with django_assert_max_num_queries(12):
            admin.get(page("contact", "changelist"))


class TestCustomers:
    """What the desk knows of an organization."""

    def test_domains_are_typed_below_it(self, admin: Any) -> None:
        owner = make.organization("Hanbit")
        rows = parts("domains", {"domain": "hanbit.example"}, {"domain": "hanbit.co.kr"})
        admin.post(page("customer", "add"), {"organization": owner.pk, "sharing": "primary", **rows})
        row = Customer.objects.get()
        assert {one.domain for one in row.domains.all()} == {"hanbit.example", "hanbit.co.kr"}
        details = AuditEntry.objects.get(object_type="customer").details
        assert details["customerdomain"] == ["", "hanbit.example; hanbit.co.kr"]

    def test_a_domain_belongs_to_one_only(self, admin: Any) -> None:
        for name in ("First", "Second"):
            fields = {"organization": make.organization(name).pk, "sharing": "primary"}
            answer = admin.post(page("customer", "add"), fields | parts("domains", {"domain": "same.example"}))
        assert answer.status_code == 200
        assert Customer.objects.count() == 1

    def test_that_of_another_organization_is_absent(self) -> None:
        Customer.objects.create(organization=make.organization("Hidden house"))
        client = logged_in(make.user(permissions=["tickets.view_customer"], organizations=[make.organization()]))
        assert "Hidden house" not in text_of(client.get(page("customer", "changelist")))


class TestBans:
    """Whose mail is not wanted."""

    @pytest.mark.parametrize(
        ("typed", "kept"), [("Spam@Bad.example", "spam@bad.example"), ("@BAD.example", "@bad.example")]
    )
    def test_an_address_or_a_domain_is_banned_in_small_letters(self, admin: Any, typed: str, kept: str) -> None:
        admin.post(page("ban", "add"), {"pattern": typed, "notes": "always the same"})
        assert (Ban.objects.get().pattern, Ban.objects.get().notes) == (kept, "always the same")

    def test_what_is_neither_is_refused(self, admin: Any) -> None:
        assert "is no address" in text_of(admin.post(page("ban", "add"), {"pattern": "everybody"}))
        assert not Ban.objects.exists()

    def test_taking_it_back_is_in_the_book(self, admin: Any) -> None:
        row = Ban.objects.create(pattern="a@b.example")
        admin.post(page("ban", "delete", row.pk), {"post": "yes"})
        assert not Ban.objects.exists()
        assert AuditEntry.objects.filter(action="unban").exists()


class TestCannedResponses:
    """Texts for answers."""

    def test_one_is_saved_with_its_files_and_loses_one_again(self, admin: Any) -> None:
        upload = [SimpleUploadedFile(name, b"how to", content_type="text/plain") for name in ("a.txt", "b.txt")]
        fields = {"title": "How to", "text": "Dear %{recipient.name}", "is_active": "on", "new_files": upload}
        admin.post(page("cannedresponse", "add"), fields)
        row = CannedResponse.objects.get()
        assert {one.name for one in row.attached.all()} == {"a.txt", "b.txt"}
        gone = row.attached.get(name="a.txt")
        rows = {"attached-TOTAL_FORMS": 2, "attached-INITIAL_FORMS": 2}
        for number, one in enumerate(row.attached.order_by("pk")):
            rows |= {f"attached-{number}-id": one.pk, f"attached-{number}-canned": row.pk}
            rows |= {f"attached-{number}-DELETE": "on"} if one == gone else {}
        text = {"title": "How to", "text": "Dear %{recipient.name}", "is_active": "on"}
        assert "b.txt" in text_of(admin.get(page("cannedresponse", "change", row.pk)))
        admin.post(page("cannedresponse", "change", row.pk), {**text, **rows})
        assert [one.name for one in row.attached.all()] == ["b.txt"]

    def test_a_variable_that_answers_do_not_have_is_said_at_the_text(self, admin: Any) -> None:
        answer = admin.post(page("cannedresponse", "add"), {"title": "T", "text": "Look: %{note}"})
        assert "there is no variable" in str(errors_of(answer)["text"])
        assert not CannedResponse.objects.exists()

    def test_the_role_at_the_desk_decides_also_here(self) -> None:
        desk()
        person = make.user(permissions=["tickets.view_cannedresponse", "tickets.add_cannedresponse"])
        answer = logged_in(person).post(page("cannedresponse", "add"), {"title": "T", "text": "Hello"})
        assert "Your role does not allow this here" in text_of(answer)
        assert not CannedResponse.objects.exists()


class TestWebhooks:
    """Other programs that are told."""

    FIELDS = {"name": "Chat", "url": "https://chat.example/hook", "events": ["created", "reply"], "is_active": "on"}

    def test_the_secret_is_shown_once_and_never_again(self, admin: Any) -> None:
        answer = admin.post(page("webhook", "add"), self.FIELDS)
        row, secret = Webhook.objects.get(), answer.context["secret"]
        assert row.secret.open().decode() == secret
        assert secret in text_of(answer)
        assert "no-store" in answer["Cache-Control"]
        assert row.events == ["reply", "created"] or row.events == ["created", "reply"]
        for where in (page("webhook", "changelist"), page("webhook", "change", row.pk)):
            assert secret not in text_of(admin.get(where))
        assert secret not in str(list(AuditEntry.objects.values_list("details", flat=True)))

    def test_a_new_secret_ends_the_old_one(self, admin: Any) -> None:
        old = admin.post(page("webhook", "add"), self.FIELDS).context["secret"]
        row = Webhook.objects.get()
        answer = admin.post(page("webhook", "change", row.pk), {**self.FIELDS, "renew": "on"})
        row.refresh_from_db()
        assert row.secret.open().decode() == answer.context["secret"] != old

    def test_another_name_keeps_the_secret(self, admin: Any) -> None:
        old = admin.post(page("webhook", "add"), self.FIELDS).context["secret"]
        row = Webhook.objects.get()
        admin.post(page("webhook", "change", row.pk), {**self.FIELDS, "name": "Chat room"})
        row.refresh_from_db()
        assert (row.name, row.secret.open().decode()) == ("Chat room", old)

    @pytest.mark.parametrize("url", ["ftp://chat.example/", "https://user:pass@chat.example/", "no address"])
    def test_an_address_that_cannot_be_called_is_refused(self, admin: Any, url: str) -> None:
        assert admin.post(page("webhook", "add"), {**self.FIELDS, "url": url}).status_code == 200
        assert not Webhook.objects.exists()

    def test_only_administrators_write(self) -> None:
        person = make.user(permissions=["tickets.view_webhook", "tickets.add_webhook", "tickets.change_webhook"])
        client = logged_in(person)
        assert client.get(page("webhook", "changelist")).status_code == 200
        assert client.post(page("webhook", "add"), self.FIELDS).status_code == 403

    def test_the_log_is_read_and_not_written(self, admin: Any) -> None:
        admin.post(page("webhook", "add"), self.FIELDS)
        row = WebhookDelivery.objects.create(
            webhook=Webhook.objects.get(), event="created", payload={"event": "created"}
        )
        assert "created" in text_of(admin.get(page("webhookdelivery", "changelist")))
        assert admin.get(page("webhookdelivery", "change", row.pk)).status_code == 200
        assert admin.post(page("webhookdelivery", "delete", row.pk), {"post": "yes"}).status_code == 403
