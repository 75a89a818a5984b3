"""A ticket's page: what it shows, to whom, hostile mail, pictures, files, who else is here, in how many queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests import make
from tests.hosts.pages import logged_in, text_of, url
from tests.tickets import rows
from tickets.choices import EntryKind, MailKind, OutgoingState, Permission
from tickets.facts.verbs import NewEntry
from tickets.models import Agent, Attachment, Draft, Entry, OutgoingMail, Ticket, Viewing
from tickets.services import files, sharing, state, thread, viewing

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@pytest.fixture(autouse=True)
def vault(settings: Any, tmp_path: Any) -> None:
    """Files of this test only."""
    settings.VAR_DIR = tmp_path


def page_of(who: Agent, ticket: Ticket, query: str = "") -> str:
    """The page as text."""
    return text_of(logged_in(who.user).get(url("tickets:ticket", ticket.number, query=query)))


def with_file(ticket: Ticket, name: str, data: bytes, **fields: Any) -> Attachment:
    """A message with one file."""
    kept = files.keep(name, fields.pop("content_type", "application/pdf"), [data], **fields)
    entry = thread.post_message(
        ticket, NewEntry(text="See there.", attachments=(kept,), contact_id=ticket.contact_id), by=rows.by(rows.agent())
    )
    return entry.attachments.get()


class TestPage:
    """What stands on it."""

    def test_it_shows_the_conversation_the_person_and_the_promises(self) -> None:
        ticket = rows.ticket(
            "The disk is full", text="Please help.", contact_id=rows.contact("sky@c.example", "Haneul").pk
        )
        page = page_of(rows.agent(), ticket)
        for words in ("The disk is full", ticket.number, "Please help.", "Haneul", "sky@c.example", "First response"):
            assert words in page

    def test_entries_and_events_come_in_the_order_of_time(self) -> None:
        me, ticket = rows.agent("Mina Park"), rows.ticket(text="First word")
        thread.post_note(ticket, NewEntry(text="Second word"), by=rows.by(me), agent=me)
        state.resolve(ticket, by=rows.by(me))
        page = page_of(me, ticket)
        places = [page.index(words) for words in ("First word", "Second word", "resolved the ticket")]
        assert places == sorted(places)

    def test_a_ticket_of_another_department_is_not_there(self) -> None:
        theirs = rows.ticket(department_id=rows.department().pk)
        client = logged_in(rows.agent().user)
        for name in ("ticket", "preview"):
            assert client.get(url(f"tickets:{name}", theirs.number)).status_code == 404
        for name in ("live", "draft", "write"):
            assert client.post(url(f"tickets:{name}", theirs.number), {"kind": "note", "text": "x"}).status_code == 404
        assert client.post(url("tickets:do", theirs.number, "claim")).status_code == 404
        assert not theirs.drafts.exists()

    def test_staff_who_are_no_agents_are_refused(self) -> None:
        assert logged_in(make.user()).get(url("tickets:ticket", rows.ticket().number)).status_code == 403

    def test_a_deleted_ticket_is_for_administrators(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        state.delete(ticket, by=rows.by(me))
        assert logged_in(me.user).get(url("tickets:ticket", ticket.number)).status_code == 404
        assert "This ticket is deleted" in text_of(logged_in(make.admin()).get(url("tickets:ticket", ticket.number)))

    def test_a_merged_ticket_leads_to_the_one_it_is_in(self) -> None:
        me, whole, part = rows.agent(), rows.ticket("whole"), rows.ticket("part", text="from the part")
        sharing.merge(whole, [part], by=rows.by(me))
        assert f"Merged into ticket {whole.number}" in page_of(me, part)
        assert f"from ticket {part.number}" in page_of(me, whole)

    def test_buttons_follow_the_role(self) -> None:
        ticket = rows.ticket()
        page = page_of(rows.agent(role=rows.role(Permission.NOTE)), ticket)
        assert 'value="note"' in page
        assert 'value="reply"' not in page
        assert "delete-ticket" not in page

    def test_what_an_entry_is_edited_and_split_by_comes_when_it_is_opened(self) -> None:
        me, ticket = rows.agent(), rows.ticket("Two things", text="One thing. Another.")
        entry, client, page = ticket.entries.get(), logged_in(me.user), page_of(me, ticket)
        edits, splits = (url(f"tickets:entry-{name}", ticket.number, entry.pk) for name in ("edit", "split"))
        assert f'hx-get="{edits}"' in page
        assert f'hx-get="{splits}"' not in page, "nothing is split off before the first entry"
        assert "One thing. Another.</textarea>" in text_of(client.get(edits))
        assert 'value="Two things"' in text_of(client.get(splits))
        reader = logged_in(rows.agent(role=rows.role(Permission.NOTE)).user)
        assert [reader.get(address).status_code for address in (edits, splits)] == [403, 403]

    def test_an_administrator_who_is_no_agent_is_told_so(self) -> None:
        ticket = rows.ticket()
        page = text_of(logged_in(make.admin()).get(url("tickets:ticket", ticket.number)))
        assert "You are not an agent" in page

    def test_hosts_of_the_organization_are_shown_to_those_who_may_see_them(self) -> None:
        ours = make.organization("Haneul Trading")
        contact = rows.contact()
        contact.organization = ours
        contact.save()
        make.host("webserver01", organization=ours)
        ticket = rows.ticket(contact_id=contact.pk)
        me = rows.agent()
        assert "webserver01" not in page_of(me, ticket)
        boss = make.operator()
        Agent.objects.create(user=boss, department=me.department, role=me.role)
        assert "webserver01" in text_of(logged_in(boss).get(url("tickets:ticket", ticket.number)))

    def test_a_long_ticket_shows_its_newest_entries_and_leads_to_the_rest(self) -> None:
        ticket = rows.ticket(text="the very first")
        Entry.objects.bulk_create(
            Entry(ticket=ticket, home=ticket, kind=EntryKind.MESSAGE, source="mail", author_name="x", text=f"word {n}.")
            for n in range(120)
        )
        me = rows.agent()
        page = page_of(me, ticket)
        assert "Show 71 earlier entries" in page
        assert "the very first" not in page
        assert "the very first" in page_of(me, ticket, "all=1")

    def test_sixty_entries_cost_no_more_queries_than_one(self, django_assert_max_num_queries: Any) -> None:
        me, ticket = rows.agent(), rows.ticket()
        for number in range(30):
            thread.post_reply(ticket, NewEntry(text=f"{number}"), by=rows.by(me), agent=me)
            thread.post_note(ticket, NewEntry(text=f"{number}"), by=rows.by(me), agent=me)
        client = logged_in(me.user)
        with django_assert_max_num_queries(24):
            client.get(url("tickets:ticket", ticket.number, query="from=queue%3Dopen"))

    def test_the_ticket_above_and_below_in_the_queue_are_one_click_away(self) -> None:
        me = rows.agent()
        old, here, new = (rows.ticket(name) for name in ("old", "here", "new"))
        around = logged_in(me.user).get(url("tickets:ticket", here.number, query="from=queue%3Dopen")).context["around"]
        assert (around.before, around.after) == (new.number, old.number)


class TestHostileMail:
    """What a customer sends runs nothing and loads nothing."""

    def said(self, html: str = "", text: str = "", **fields: Any) -> tuple[Agent, Ticket]:
        ticket = rows.ticket(entry=NewEntry(text=text or "x", html=html))
        if html:  # as if it had been stored before the rules became stricter
            Entry.objects.filter(ticket=ticket).update(html=html, **fields)
        return rows.agent(), ticket

    @pytest.mark.parametrize(
        "html",
        [
            pytest.param("<script>evil()</script>", id="script"),
            pytest.param("<img src=x onerror=evil()>", id="handler"),
            pytest.param("<a href='javascript:evil()'>x</a>", id="script address"),
            pytest.param("<svg><animate onbegin=evil()></svg>", id="svg"),
            pytest.param("<style>*{display:none} evil()</style>", id="style"),
            pytest.param("<iframe src='data:text/html,evil()'></iframe>", id="frame"),
            pytest.param("<form action='https://evil()'><input></form>", id="form"),
            pytest.param("<p style=\"background:url('https://evil()')\">x</p>", id="style attribute"),
            pytest.param("<math><mtext></table><mglyph><style><img src=x onerror=evil()>", id="mutation"),
        ],
    )
    def test_html_runs_nothing(self, html: str) -> None:
        assert "evil()" not in page_of(*self.said(html))

    def test_markup_in_plain_text_is_shown_as_it_was_typed(self) -> None:
        page = page_of(*self.said(text="<script>evil()</script> & https://a.example/?x=1&y=<b>"))
        assert "&lt;script&gt;evil()&lt;/script&gt; &amp; " in page
        assert "<script>evil()" not in page

    @pytest.mark.parametrize(
        "html", ["</div></article><h1>Out</h1>", "<table><tr><td>x", "<details open><summary>x"], ids=range(3)
    )
    def test_open_and_stray_tags_stay_inside_their_entry(self, html: str) -> None:
        me, ticket = self.said(html)
        part = text_of(logged_in(me.user).get(url("tickets:entry", ticket.number, ticket.entries.get().pk)))
        for tag in ("article", "div", "table", "details", "footer"):
            assert part.count(f"<{tag}") == part.count(f"</{tag}>"), tag

    def test_names_and_subjects_are_escaped(self) -> None:
        contact = rows.contact("a@b.example", "<script>evil()</script>")
        ticket = rows.ticket("<script>evil()</script>", contact_id=contact.pk)
        assert "<script>evil()" not in page_of(rows.agent(), ticket)

    def test_quoted_text_is_folded_and_still_there(self) -> None:
        text = "Thanks!\n> old words\n> of ours"
        ticket = rows.ticket()
        Entry.objects.filter(ticket=ticket).update(text=text, folds=[[8, len(text), "quote"]])
        page = page_of(rows.agent(), ticket)
        folded = page[page.index('<details class="quoted"') :]
        assert "old words" in folded[: folded.index("</details>")]
        assert "Thanks!" not in folded[: folded.index("</details>")]

    def test_folds_that_make_no_sense_hide_nothing(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        Entry.objects.filter(ticket=ticket).update(text="all of it", folds=[[7, 3, "quote"], [50, 90, "quote"]])
        assert "all of it" in page_of(me, ticket)

    def test_remote_pictures_wait_for_consent(self) -> None:
        me, ticket = self.said('<p>Hi<img src="https://track.example/p.gif"></p>')
        entry = ticket.entries.get()
        assert "track.example" not in page_of(me, ticket)
        assert "1 picture is not shown" in page_of(me, ticket)
        assert 'src="https://track.example/p.gif"' in page_of(me, ticket, f"pictures={entry.pk}")
        part = logged_in(me.user).get(url("tickets:entry", ticket.number, entry.pk), {"pictures": "1"})
        assert 'src="https://track.example/p.gif"' in text_of(part)

    def test_a_picture_inside_the_mail_is_served_from_here(self) -> None:
        ticket = rows.ticket()
        file = with_file(ticket, "shot.png", PNG, is_inline=True, content_id="shot@x")
        Entry.objects.filter(pk=file.entry_id).update(html='<img src="cid:shot@x"><img src="cid:other">')
        page = page_of(rows.agent(), ticket, f"pictures={file.entry_id}")
        assert f'src="{url("tickets:picture", file.pk)}"' in page
        assert "cid:" not in page


class TestFiles:
    """Downloads without a type."""

    def test_an_attachment_is_a_download_that_nobody_guesses_about(self) -> None:
        ticket = rows.ticket()
        file = with_file(ticket, "보고서.html", b"<script>evil()</script>", content_type="text/html")
        answer = logged_in(rows.agent().user).get(url("tickets:attachment", file.pk))
        assert b"".join(answer.streaming_content) == b"<script>evil()</script>"
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]

    def test_a_file_of_a_ticket_that_one_may_not_see_is_not_there(self) -> None:
        file = with_file(rows.ticket(department_id=rows.department().pk), "a.txt", b"x")
        client = logged_in(rows.agent().user)
        for name in ("attachment", "picture"):
            assert client.get(url(f"tickets:{name}", file.pk)).status_code == 404

    @pytest.mark.parametrize(
        ("data", "kind"),
        [
            (PNG, "image/png"),
            (b"\xff\xd8\xff\xe0" + bytes(20), "image/jpeg"),
            (b"GIF89a" + bytes(20), "image/gif"),
            (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        ],
    )
    def test_real_pictures_are_shown_by_what_they_are(self, data: bytes, kind: str) -> None:
        file = with_file(rows.ticket(), "x", data, content_type="text/html")
        answer = logged_in(rows.agent().user).get(url("tickets:picture", file.pk))
        assert b"".join(answer.streaming_content) == data
        assert answer["Content-Type"] == kind
        assert answer["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.parametrize("data", [b"<svg onload=evil()>", b"<html>", b"", b"%PDF-1.7"], ids=range(4))
    def test_what_only_claims_to_be_a_picture_is_not_shown(self, data: bytes) -> None:
        file = with_file(rows.ticket(), "x.png", data or b" ", content_type="image/png")
        assert logged_in(rows.agent().user).get(url("tickets:picture", file.pk)).status_code == 404

    def test_bytes_that_are_gone_from_the_disk_are_said_to_be(self) -> None:
        file = with_file(rows.ticket(), "a.txt", b"x")
        file.file.path.unlink()
        assert logged_in(rows.agent().user).get(url("tickets:attachment", file.pk)).status_code == 404


class TestHere:
    """Who else looks or writes, what is new, drafts."""

    def test_colleagues_who_look_and_write_are_named(self) -> None:
        ticket = rows.ticket()
        me, mina, joon = rows.agent("Me"), rows.agent("Mina Park"), rows.agent("Joon Lee")
        viewing.look(ticket, mina)
        viewing.look(ticket, joon, is_writing=True)
        answer = text_of(logged_in(me.user).post(url("tickets:live", ticket.number), {"last": "0"}))
        assert "Mina Park is reading" in answer
        assert "Joon Lee is writing" in answer
        assert "Me is" not in answer

    def test_who_left_a_minute_ago_is_not_named(self) -> None:
        ticket, me, mina = rows.ticket(), rows.agent(), rows.agent("Mina Park")
        viewing.look(ticket, mina)
        Viewing.objects.update(seen_at=make.ago(minutes=1))
        assert "Mina" not in text_of(logged_in(me.user).post(url("tickets:live", ticket.number), {"last": "0"}))

    def test_what_a_customer_wrote_meanwhile_is_offered(self) -> None:
        ticket, me = rows.ticket(), rows.agent()
        last = ticket.entries.get().pk
        thread.post_message(ticket, NewEntry(text="And?", contact_id=ticket.contact_id), by=rows.by(me))
        answer = logged_in(me.user).post(url("tickets:live", ticket.number), {"last": str(last)})
        assert "1 new entry" in text_of(answer)

    def test_looking_marks_as_read_and_never_back(self) -> None:
        ticket, me = rows.ticket(), rows.agent()
        page_of(me, ticket)
        newest = ticket.entries.latest("pk").pk
        assert Viewing.objects.get(agent=me).read_up_to == newest
        viewing.look(ticket, me, read_up_to=1)
        assert Viewing.objects.get(agent=me).read_up_to == newest

    def test_a_draft_is_kept_and_comes_back(self) -> None:
        ticket, me = rows.ticket(), rows.agent()
        client = logged_in(me.user)
        assert (
            client.post(url("tickets:draft", ticket.number), {"kind": "response", "text": "Half an"}).status_code == 204
        )
        assert "Half an" in page_of(me, ticket)
        assert "Half an" not in page_of(rows.agent(), ticket)
        client.post(url("tickets:draft", ticket.number), {"kind": "response", "text": " "})
        assert not Draft.objects.exists()

    def test_the_delivery_of_each_mail_stands_at_its_entry(self) -> None:
        ticket, me = rows.ticket(), rows.agent()
        entry = thread.post_reply(ticket, NewEntry(text="Yes."), by=rows.by(me), agent=me)
        mail = OutgoingMail.objects.get(entry=entry, kind=MailKind.TICKET_REPLY)
        assert "Waiting" in page_of(me, ticket)
        mail.state, mail.why = OutgoingState.FAILED, "The mailbox is full."
        mail.save()
        page = page_of(me, ticket)
        assert "Failed" in page
        assert "The mailbox is full." in page

    def test_time_left_counts_from_the_opening(self) -> None:
        ticket = rows.ticket()
        Ticket.objects.filter(pk=ticket.pk).update(sla_due_at=timezone.now() - timedelta(minutes=20))
        assert "20 min over" in page_of(rows.agent(), ticket)
