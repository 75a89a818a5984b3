"""Tickets over the API: opened, listed, searched, answered, moved; once where a key says so; within reach only."""

from __future__ import annotations

import base64

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hosts.services.audit import PANEL
from tests import make
from tests.hosts.api import Program
from tests.tickets import rows
from tickets.choices import EntryKind, Permission, TicketState
from tickets.models import Contact, Entry, OutgoingMail, Status, Ticket
from tickets.services import sharing, state
from tickets.services.house import desk

pytestmark = pytest.mark.django_db
NEW = {"subject": "Disk full", "text": "Please help", "email": "kim@example.com", "name": "Kim"}


@pytest.fixture
def agent():
    return rows.agent("Mina Park")


@pytest.fixture
def program(agent) -> Program:
    return Program(agent.user)


def status(where: str) -> int:
    desk()
    return Status.objects.get(state=where, is_first=True).pk


def test_a_ticket_is_opened_with_files_and_read_again(program: Program) -> None:
    content = base64.b64encode(b"so wrong").decode()
    made = program.post("/tickets/", {**NEW, "files": [{"name": "log.txt", "content": content}], "tags": ["db"]})
    assert made.status_code == 201, made.json()
    ticket = made.json()
    assert (ticket["state"], ticket["source"], ticket["contact"]["email"]) == ("open", "api", "kim@example.com")
    assert ticket["tags"] == ["db"]
    [entry] = program.get(f"/tickets/{ticket['id']}/entries/").json()["results"]
    [file] = entry["attachments"]
    assert (entry["text"], file["name"], file["size"]) == ("Please help", "log.txt", 8)
    assert [event["kind"] for event in program.get(f"/tickets/{ticket['id']}/events/").json()["results"]] == ["created"]
    fetched = program.get(f"/attachments/{file['id']}/content/")
    assert b"".join(fetched.streaming_content) == b"so wrong"
    assert fetched["Content-Type"] == "application/octet-stream"
    assert fetched["Content-Disposition"].startswith("attachment")
    assert fetched["X-Content-Type-Options"] == "nosniff"


def test_the_same_request_with_the_same_key_opens_one_ticket(program: Program) -> None:
    first, second = (program.post("/tickets/", NEW, once="k1") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert Ticket.objects.count() == 1
    other = program.post("/tickets/", {**NEW, "subject": "Other"}, once="k1")
    assert (other.status_code, other.json()["field"]) == (400, "Idempotency-Key")


def test_an_answer_sent_twice_is_mailed_once(program: Program) -> None:
    ticket = rows.ticket()
    answers = [program.post(f"/tickets/{ticket.pk}/reply/", {"text": "Try again"}, once="r") for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 200]
    assert ticket.entries.filter(kind=EntryKind.RESPONSE).count() == 1
    assert OutgoingMail.objects.filter(kind="ticket.reply").count() == 1
    assert answers[0].json()["mails"][0]["state"] == "waiting"


def test_an_answer_resolves_in_the_same_step_or_is_not_posted(program: Program) -> None:
    ticket = rows.ticket()
    ticket.tasks.create(title="Look", department=ticket.department)
    sent = {"text": "Done", "status": status(TicketState.RESOLVED)}
    refused = program.post(f"/tickets/{ticket.pk}/reply/", sent)
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    assert ticket.entries.count() == 1
    ticket.tasks.all().delete()
    assert program.post(f"/tickets/{ticket.pk}/reply/", sent).status_code == 201
    assert Ticket.objects.get().state == TicketState.RESOLVED


def test_files_are_attached_by_upload_once(program: Program) -> None:
    ticket = rows.ticket()
    for expected in (201, 200):
        sent = {"files": [SimpleUploadedFile("a.png", b"png"), SimpleUploadedFile("b.png", b"pn2")], "text": "pictures"}
        answer = program.client.post(
            f"/api/v1/tickets/{ticket.pk}/attach/", sent, format="multipart", headers={"Idempotency-Key": "u"}
        )
        assert answer.status_code == expected, answer.json()
    note = ticket.entries.get(kind=EntryKind.NOTE)
    assert [one.name for one in note.attachments.order_by("pk")] == ["a.png", "b.png"]


def test_a_note_and_a_message_of_the_owner(program: Program, agent) -> None:
    ticket = rows.ticket()
    state.resolve(ticket, by=PANEL)
    note = program.post(f"/tickets/{ticket.pk}/note/", {"text": "Rack 4"}).json()
    message = program.post(f"/tickets/{ticket.pk}/message/", {"text": "It is back"}).json()
    assert (note["kind"], note["agent"], note["mails"]) == ("note", agent.pk, [])
    assert (message["kind"], message["contact"]) == ("message", ticket.contact_id)
    assert Ticket.objects.get().state == TicketState.OPEN


def test_an_answer_to_an_entry_of_another_ticket_is_refused(program: Program) -> None:
    ticket, other = rows.ticket(), rows.ticket()
    answer = program.post(f"/tickets/{ticket.pk}/reply/", {"text": "x", "reply_to": other.entries.get().pk})
    assert (answer.status_code, answer.json()["field"]) == (400, "reply_to")


def test_the_course_of_a_ticket(program: Program, agent) -> None:
    ticket, colleague, sales = rows.ticket(), rows.agent(), rows.department("Sales")
    path = f"/tickets/{ticket.pk}"
    assert program.post(f"{path}/claim/").json()["agent"] == agent.pk
    assert program.post(f"{path}/assign/", {"agent": colleague.pk, "comments": "yours"}).json()["agent"] == colleague.pk
    assert program.post(f"{path}/release/", {}).json()["agent"] is None
    assert program.patch(f"{path}/", {"subject": "New", "tags": ["db"]}).json()["subject"] == "New"
    assert program.post(f"{path}/status/", {"status": status("resolved")}).json()["state"] == "resolved"
    assert program.post(f"{path}/status/", {"status": status("open")}).json()["state"] == "open"
    assert program.post(f"{path}/answered/", {"is_answered": True}).json()["is_answered"] is True
    referral = program.post(f"{path}/refer/", {"department": sales.pk}).json()
    assert program.delete(f"{path}/referrals/{referral['id']}/").status_code == 204
    assert program.post(f"{path}/follow/").status_code == 204
    assert program.get(f"{path}/").json()["followers"] == [agent.pk]
    assert program.post(f"{path}/unfollow/").status_code == 204
    assert program.delete(f"{path}/").status_code == 204
    assert program.get(f"{path}/").status_code == 404
    assert program.post(f"{path}/restore/").json()["state"] == "open"
    assert program.post(f"{path}/transfer/", {"department": sales.pk}).status_code == 204
    assert program.get(f"{path}/").status_code == 404


def test_tickets_joined_and_parted(program: Program) -> None:
    into, other = rows.ticket(), rows.ticket()
    assert program.post(f"/tickets/{into.pk}/merge/", {"tickets": [other.pk]}).json()["merged"] == [other.pk]
    assert program.post(f"/tickets/{other.pk}/unmerge/").json()["merged_into"] is None
    assert program.post(f"/tickets/{into.pk}/link/", {"ticket": other.pk}).json()["linked"] == [other.pk]
    assert program.post(f"/tickets/{other.pk}/unlink/", {"ticket": into.pk}).json()["linked"] == []
    entry = program.post(f"/tickets/{into.pk}/message/", {"text": "And another thing"}).json()
    split = {"entries": [entry["id"]], "subject": "Another thing"}
    made = program.post(f"/tickets/{into.pk}/split/", split)
    assert (made.status_code, made.json()["follows"]) == (201, into.pk)


def test_people_around_a_ticket(program: Program) -> None:
    ticket, new = rows.ticket(), rows.contact()
    program.person.all_organizations = True
    program.person.save()
    path = f"/tickets/{ticket.pk}"
    put = program.post(f"{path}/collaborators/", {"email": "lee@example.com", "name": "Lee"}).json()
    assert put["contact"]["name"] == "Lee"
    assert program.post(f"{path}/owner/", {"contact": new.pk}).json()["contact"]["id"] == new.pk
    assert program.delete(f"{path}/collaborators/{put['id']}/").status_code == 204
    assert [one["contact"]["id"] for one in program.get(f"{path}/").json()["collaborators"]] == [ticket.contact_id]


def test_an_entry_is_edited_and_forwarded(program: Program) -> None:
    entry = rows.ticket().entries.get()
    assert program.patch(f"/entries/{entry.pk}/", {"text": "Other"}).json()["text"] == "Other"
    assert [one["text"] for one in program.get(f"/entries/{entry.pk}/versions/").json()] == ["Please help."]
    sent = program.post(f"/entries/{entry.pk}/forward/", {"to": ["partner@else.example"], "text": "Yours?"})
    assert (sent.status_code, sent.json()["forwarded_to"]) == (201, ["partner@else.example"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"text": "disk"}, {"disk", "mine"}),
        ({"text": "김민지"}, {"net"}),
        ({"state": "resolved"}, {"net"}),
        ({"queue": "mine"}, {"mine"}),
        ({"queue": "unassigned"}, {"disk"}),
        ({"is_assigned": "true"}, {"mine"}),
        ({"tag": "db"}, {"disk"}),
        ({"text": "disk", "queue": "mine"}, {"mine"}),
    ],
    ids=["words", "Korean name", "state", "mine", "unassigned", "assigned", "tag", "two conditions"],
)
def test_lists_are_narrowed(query: dict, found: set[str], program: Program, agent) -> None:
    minji = rows.contact("minji@example.com", "김민지")
    known = {
        "disk": rows.ticket("Disk full"),
        "mine": rows.ticket("My disk", agent_id=agent.pk),
        "net": rows.ticket("No link", contact_id=minji.pk),
    }
    known["disk"].tags.add(make.tag("db"))
    state.resolve(known["net"], by=PANEL)
    Ticket.objects.filter(pk=known["net"].pk).update(agent=None)
    names = {ticket.pk: name for name, ticket in known.items()}
    assert {names[row["id"]] for row in program.get("/tickets/", **query).json()["results"]} == found


def test_a_queue_that_does_not_exist_is_said_so(program: Program) -> None:
    assert program.get("/tickets/", queue="nonsense").status_code == 400


def test_counts_are_those_of_the_asker(program: Program, agent) -> None:
    rows.ticket(agent_id=agent.pk)
    rows.ticket(department_id=rows.department().pk)
    counted = program.get("/tickets/counts/").json()
    assert (counted["open"], counted["mine"]) == (1, 1)


def test_a_page_of_tickets_costs_the_same_whatever_its_length(program: Program, django_assert_max_num_queries) -> None:
    for number in range(25):
        ticket = rows.ticket(f"Ticket {number}")
        ticket.tags.add(make.tag(f"t{number}"))
    for _ in range(2):  # the first builds what is kept between requests
        with django_assert_max_num_queries(13):
            assert len(program.get("/tickets/", page_size=25).json()["results"]) == 25


def test_a_long_conversation_costs_the_same_as_a_short_one(program: Program, django_assert_max_num_queries) -> None:
    ticket = rows.ticket()
    for _ in range(12):
        program.post(f"/tickets/{ticket.pk}/reply/", {"text": "x"})
    with django_assert_max_num_queries(17):
        assert len(program.get(f"/tickets/{ticket.pk}/entries/").json()["results"]) == 13


def test_a_step_is_done_for_many_and_says_which_it_was_refused_for(program: Program, agent) -> None:
    first, second, busy = (rows.ticket() for _ in range(3))
    busy.tasks.create(title="Look", department=busy.department)
    keys = [one.pk for one in (busy, second, first, second)]
    answer = program.post("/tickets/selected/", {"tickets": keys, "do": "status", "status": status("resolved")}).json()
    assert answer["done"] == [first.pk, second.pk]
    assert [(one["ticket"], "open tasks" in one["detail"]) for one in answer["refused"]] == [(busy.pk, True)]
    assert OutgoingMail.objects.filter(kind="ticket.resolved").count() == 2
    assert Ticket.objects.get(pk=busy.pk).state == TicketState.OPEN


@pytest.mark.parametrize(
    "do", ["claim", "assign to an agent", "assign to a team", "release", "transfer", "tags"], ids=lambda value: value
)
def test_many_tickets_take_each_step_of_a_queue(do: str, program: Program, agent) -> None:
    tickets, other, team, there = (
        rows.tickets(2, agent_id=rows.agent().pk),
        rows.agent(),
        rows.team(agent),
        rows.department(),
    )
    rows.access(agent, there)
    wanted = {
        "assign to an agent": {"agent": other.pk},
        "assign to a team": {"team": team.pk},
        "transfer": {"department": there.pk},
        "tags": {"tags": ["db"]},
    }.get(do, {})
    sent = {"tickets": [one.pk for one in tickets], "do": do.partition(" ")[0], **wanted}
    assert program.post("/tickets/selected/", sent).json() == {"done": [one.pk for one in tickets], "refused": []}
    is_so = {
        "claim": {"agent": agent},
        "assign to an agent": {"agent": other},
        "assign to a team": {"team": team},
        "release": {"agent": None},
        "transfer": {"department": there},
        "tags": {"tags__name": "db"},
    }[do]
    assert Ticket.objects.filter(**is_so).count() == 2


@pytest.mark.parametrize(
    ("sent", "field"),
    [({"do": "fly"}, "do"), ({"do": "transfer"}, "department"), ({"do": "assign"}, "agent"), ({"do": "tags"}, "tags")],
    ids=["no such step", "no department", "nobody", "no tag"],
)
def test_a_step_for_many_needs_what_it_says(sent: dict, field: str, program: Program) -> None:
    answer = program.post("/tickets/selected/", {"tickets": [rows.ticket().pk], **sent})
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_a_foreign_ticket_is_not_among_many(program: Program) -> None:
    foreign = rows.ticket(department_id=rows.department().pk)
    answer = program.post("/tickets/selected/", {"tickets": [rows.ticket().pk, foreign.pk], "do": "claim"})
    assert (answer.status_code, answer.json()["field"]) == (400, "tickets")
    assert not Ticket.objects.exclude(agent=None).exists()


# -- as somebody else

VERBS = {
    "reply": ("post", "reply/", {"text": "x"}),
    "note": ("post", "note/", {"text": "x"}),
    "message": ("post", "message/", {"text": "x"}),
    "assign": ("post", "assign/", {}),
    "claim": ("post", "claim/", None),
    "release": ("post", "release/", {}),
    "transfer": ("post", "transfer/", {"department": "DEPARTMENT"}),
    "refer": ("post", "refer/", {"department": "DEPARTMENT"}),
    "status": ("post", "status/", {"status": "STATUS"}),
    "answered": ("post", "answered/", {"is_answered": True}),
    "merge": ("post", "merge/", {"tickets": ["OTHER"]}),
    "link": ("post", "link/", {"ticket": "OTHER"}),
    "split": ("post", "split/", {"entries": ["ENTRY"], "subject": "x"}),
    "collaborators": ("post", "collaborators/", {"email": "a@b.example"}),
    "edit": ("patch", "", {"subject": "x"}),
    "delete": ("delete", "", None),
}


def ask(program: Program, ticket: Ticket, verb: str):
    known = {
        "DEPARTMENT": rows.department().pk,
        "STATUS": status("closed"),
        "OTHER": rows.ticket(agent_id=ticket.agent_id, department_id=ticket.department_id).pk,
        "ENTRY": ticket.entries.first().pk,
    }
    method, path, data = VERBS[verb]
    body = (
        None
        if data is None
        else {
            name: [known.get(each, each) for each in value]
            if isinstance(value, list)
            else known.get(value, value)
            if isinstance(value, str)
            else value
            for name, value in data.items()
        }
    )
    path = f"/tickets/{ticket.pk}/{path}"
    return program.delete(path) if method == "delete" else getattr(program, method)(path, body)


def unchanged(ticket: Ticket) -> None:
    row = Ticket.objects.get(pk=ticket.pk)
    assert (row.subject, row.state, row.department_id, row.agent_id) == (
        ticket.subject, ticket.state, ticket.department_id, ticket.agent_id,
    )  # fmt: skip
    assert row.entries.count() == 1
    assert not row.links_to.exists()
    assert not row.collaborators.exists()
    assert rows.kinds(row.events.all()) == ["created"]


@pytest.mark.parametrize("verb", VERBS)
def test_a_ticket_of_another_department_is_not_there(verb: str) -> None:
    ticket = rows.ticket(department_id=rows.department().pk)
    assert ask(Program(rows.agent().user), ticket, verb).status_code == 404
    unchanged(ticket)


@pytest.mark.parametrize("verb", [name for name in VERBS if name != "assign"])
def test_a_role_that_allows_nothing_changes_nothing(verb: str) -> None:
    ticket = rows.ticket()
    reader = Program(rows.agent(role="View only").user)
    assert reader.get(f"/tickets/{ticket.pk}/").status_code == 200
    answer = ask(reader, ticket, verb)
    if verb == "release":  # nothing to release, nothing refused
        assert answer.status_code in (200, 403)
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    unchanged(ticket)


@pytest.mark.parametrize("verb", VERBS)
def test_a_token_that_may_only_read_changes_nothing(verb: str) -> None:
    ticket = rows.ticket()
    reader = Program(rows.agent().user, scopes=("read",))
    assert ask(reader, ticket, verb).status_code == 403
    unchanged(ticket)


@pytest.mark.parametrize("who", ["customer", "staff without a desk", "stranger"])
def test_who_is_no_agent_sees_no_tickets(who: str) -> None:
    ticket = rows.ticket()
    if who == "stranger":
        nobody = Program()
        nobody.client.credentials(HTTP_AUTHORIZATION="Bearer rd_nonsense")
        assert nobody.get("/tickets/").status_code == 401
        return
    program = Program(make.customer() if who == "customer" else make.user())
    listed = program.get("/tickets/")
    assert listed.status_code == 403 or listed.json()["results"] == []
    assert program.get(f"/tickets/{ticket.pk}/").status_code in (403, 404)
    assert program.post("/tickets/", NEW).status_code == 403
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    "path", ["/entries/{entry}/", "/entries/{entry}/versions/", "/tickets/{ticket}/entries/", "/tasks/{task}/"]
)
def test_what_hangs_at_a_foreign_ticket_is_not_there_either(path: str) -> None:
    ticket = rows.ticket(department_id=rows.department().pk)
    task = ticket.tasks.create(title="x", department=ticket.department)
    where = path.format(entry=ticket.entries.get().pk, ticket=ticket.pk, task=task.pk)
    assert Program(rows.agent().user).get(where).status_code == 404
    assert Program(make.admin()).get(where).status_code == 200


def test_a_foreign_ticket_cannot_be_merged_in(program: Program) -> None:
    mine, foreign = rows.ticket(), rows.ticket(department_id=rows.department().pk)
    answer = program.post(f"/tickets/{mine.pk}/merge/", {"tickets": [foreign.pk]})
    assert (answer.status_code, answer.json()["field"]) == (400, "tickets")
    assert Entry.objects.filter(ticket=foreign).exists()


def test_a_foreign_organization_cannot_be_named(program: Program) -> None:
    answer = program.post("/tickets/", {**NEW, "organization": make.organization().pk})
    assert (answer.status_code, answer.json()["field"]) == (400, "organization")
    assert not Ticket.objects.exists()


def test_an_administrator_who_is_no_agent_reads_all_but_does_not_answer() -> None:
    program, ticket = Program(make.admin()), rows.ticket()
    answer = program.post(f"/tickets/{ticket.pk}/reply/", {"text": "x"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_a_program_cannot_say_that_a_mail_or_the_panel_opened_it(program: Program) -> None:
    for source in ("mail", "panel", "web"):
        assert program.post("/tickets/", {**NEW, "source": source}).json()["field"] == "source"
    assert not Ticket.objects.exists()


def test_an_answer_names_what_is_missing(program: Program) -> None:
    answer = program.post("/tickets/", {"subject": "x", "text": "y"})
    assert (answer.status_code, answer.json()["field"]) == (400, "email")
    assert not Contact.objects.exists()


def test_a_merged_ticket_says_where_it_went(program: Program) -> None:
    into, other = rows.ticket(), rows.ticket()
    sharing.merge(into, [other], by=PANEL)
    assert program.get(f"/tickets/{other.pk}/").json()["merged_into"] == into.pk


def test_opening_needs_the_right_in_the_department_that_is_named() -> None:
    there = rows.department()
    agent = rows.agent()
    rows.access(agent, there, role=rows.role(Permission.REPLY))
    assert Program(agent.user).post("/tickets/", {**NEW, "department": there.pk}).status_code == 403
