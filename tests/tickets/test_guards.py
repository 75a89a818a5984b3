"""Every page and every call of the desk as those who must not: found in the urls themselves, so that a new one is
tried."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import models, transaction
from django.test import Client
from django.urls import URLPattern
from rest_framework.test import APIClient

from hosts.models import Organization, User
from tests import make
from tests.hosts.api import ROOT
from tests.hosts.pages import text_of
from tests.tickets import rows
from tickets import api_urls, urls
from tickets import models as ticket_models
from tickets.choices import OutgoingState
from tickets.facts.verbs import NewEntry
from tickets.models import (
    Agent,
    Attachment,
    Ban,
    CannedResponse,
    Contact,
    Entry,
    IncomingMail,
    Mailbox,
    SavedQueue,
    Task,
    Ticket,
    Webhook,
    WebhookDelivery,
)
from tickets.services import files, thread, webhooks
from tickets.views import contact_do, verbs

pytestmark = pytest.mark.django_db
PAGES = "/panel/desk/"
MARK = "zebra"
"""Stands in whatever belongs to the others."""
Rows = dict[type[models.Model], Any]
OF_PAGES: dict[str, type[models.Model]] = {
    "queue": SavedQueue,
    "contact": Contact,
    "organization": Organization,
    "agent-card": Agent,
    "attachment": Attachment,
    "picture": Attachment,
    "box": Mailbox,
    "mail": IncomingMail,
    "hook": WebhookDelivery,
    "canned-text": CannedResponse,
    "entry": Entry,
    "edit-entry": Entry,
    "versions": Entry,
}
"""Which row the number in an address is, by how the name of the page begins."""
FOR_ALL_AGENTS = {"agent-card"}
"""Colleagues know each other, and the departments."""
FOR_AGENTS_ALONE = {"write"}
"""An administrator who is no agent answers nobody."""
READ_BY_ALL_AGENTS = ("agent", "status", "priority", "help-topic", "sla", "department", "team", "ban")
"""The desk's order, which every agent reads over the API."""


def pages() -> list[tuple[URLPattern, str]]:
    """(page, its verb or "")."""
    found = []
    for each in urls.urlpatterns:
        names: Any = [""]
        if "verb" in each.pattern.converters:
            names = contact_do.VERBS if each.name == "contact-do" else verbs.VERBS
        found += [(each, name) for name in names]
    return found


def calls() -> list[tuple[URLPattern, str]]:
    """(call, method) of each action of the API; a head is a get without its text."""
    found = []
    for each in api_urls.urlpatterns:
        found += [(each, method) for method in getattr(each.callback, "actions", {}) if method != "head"]
    return found


PAGES_FOUND = pages()
CALLS_FOUND = calls()


@pytest.fixture(autouse=True)
def vault(settings: Any, tmp_path: Any) -> None:
    """Files of this test only."""
    settings.VAR_DIR = tmp_path


def theirs() -> tuple[Rows, Agent]:
    """One row of each kind of a department and an organization, and an agent who works for both."""
    owner = make.organization(f"{MARK} owner")
    department = rows.department()
    agent = rows.agent(department=department)
    agent.user.organizations.set([owner])
    contact = rows.contact(f"{MARK}@customer.example", f"{MARK} customer")
    Contact.objects.filter(pk=contact.pk).update(organization=owner)
    ticket = rows.ticket(f"{MARK} subject", text=f"{MARK} text", contact_id=contact.pk, department_id=department.pk)
    kept = files.keep(f"{MARK}.png", "image/png", [b"\x89PNG\r\n\x1a\n" + bytes(40)])
    entry = thread.post_message(
        ticket, NewEntry(text=MARK, attachments=(kept,), contact_id=contact.pk), by=rows.by(agent)
    )
    hook, _ = webhooks.save_webhook(
        Webhook(name=f"{MARK} hook", url="https://zebra.example/", events=[]), by=make.actor(), secret="s3"
    )
    kind = WebhookDelivery(webhook=hook, event="created", payload={"mark": MARK}, state=OutgoingState.FAILED)
    kind.save()
    found = [
        owner,
        agent,
        Contact.objects.get(pk=contact.pk),
        Ticket.objects.get(pk=ticket.pk),
        entry,
        entry.attachments.get(),
        hook,
        kind,
        Task.objects.create(ticket=ticket, title=f"{MARK} task", department=department),
        CannedResponse.objects.create(title=f"{MARK} canned", text=MARK, department=department),
        SavedQueue.objects.create(name=f"{MARK} queue", owner=agent, filters={}),
        Ban.objects.create(pattern=f"@{MARK}.example"),
        Mailbox.objects.create(name=f"{MARK} box", address=f"{MARK}@desk.example"),
        IncomingMail.objects.create(raw=entry.attachments.get().file, subject=f"{MARK} mail", state="quarantine"),
    ]
    return {type(row): row for row in found}, agent


def page_address(page: URLPattern, verb: str, found: Rows) -> str:
    """Of a page about one of the rows."""
    route = str(page.pattern)
    begins = sorted((key for key in OF_PAGES if str(page.name).startswith(key)), key=len, reverse=True)
    named = {"number": found[Ticket].number, "verb": verb}
    for name, converter in page.pattern.converters.items():
        kind = {"StringConverter": "str"}.get(type(converter).__name__, type(converter).__name__[:-9].lower())
        value = found[OF_PAGES[begins[0]]].pk if name == "pk" else named[name]
        route = route.replace(f"<{kind}:{name}>", str(value))
    return f"{PAGES}{route}"


def call_address(call: URLPattern, found: Rows) -> str:
    """Of a call about one of the rows."""
    route = str(call.pattern).removeprefix("^").removesuffix("$")
    if is_about_a_row(call):
        row = found.get(call.callback.cls.queryset.model)
        route = route.replace("(?P<pk>[^/.]+)", str(row.pk if row else 1))
    route = re.sub(r"\(\?P<\w+>[^)]*\)", "1", route)
    return f"{ROOT}/{route}?ticket={found[Ticket].pk}"


def is_about_a_row(call: URLPattern) -> bool:
    return "(?P<pk>" in str(call.pattern)


def each_page(found: Rows) -> Iterator[tuple[str, URLPattern, str]]:
    """(what to call it, the page, its address). Whatever is done to the rows is taken back before the next."""
    for page, verb in PAGES_FOUND:
        with transaction.atomic():
            yield f"{page.name} {verb}".strip(), page, page_address(page, verb, found)
            transaction.set_rollback(True)


def each_call(found: Rows) -> Iterator[tuple[str, URLPattern, str, str]]:
    """(what to call it, the call, its method, its address)."""
    for call, method in CALLS_FOUND:
        with transaction.atomic():
            yield f"{method} {call.name}", call, method, call_address(call, found)
            transaction.set_rollback(True)


def asked(client: Client, address: str) -> list[Any]:
    """The answers to looking and to sending; a method that the page does not have is none."""
    answers = [client.get(address), client.post(address, {"confirmed": "1"})]
    found = [answer for answer in answers if answer.status_code != 405]
    assert found, address
    return found


def as_person(person: User | None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def program(person: User, scopes: tuple[str, ...] = make.SCOPES) -> APIClient:
    """With a token of this person."""
    return APIClient(HTTP_AUTHORIZATION=f"Bearer {make.token(person, scopes)[1]}")


def sent(client: APIClient, method: str, address: str) -> Any:
    """The answer to an empty call."""
    return client.get(address) if method == "get" else getattr(client, method)(address, {}, format="json")


def counted() -> dict[str, int]:
    """How many rows of each kind there are."""
    kinds = [each for each in vars(ticket_models).values() if isinstance(each, type) and issubclass(each, models.Model)]
    return {each.__name__: each._default_manager.count() for each in kinds if not each._meta.abstract}


def test_all_pages_and_calls_are_tried() -> None:
    assert len(PAGES_FOUND) > 60
    assert len(CALLS_FOUND) > 60


def test_strangers_are_sent_to_the_login() -> None:
    client = as_person(None)
    wrong = [
        (name, answer.status_code)
        for name, _page, address in each_page(theirs()[0])
        for answer in asked(client, address)
        if answer.status_code != 302 or not answer["Location"].startswith("/panel/login/")
    ]
    assert wrong == []


@pytest.mark.parametrize("maker", [make.customer, make.user], ids=["a customer", "staff who is no agent"])
def test_pages_are_refused_to_those_who_do_not_work_at_the_desk(maker: Any) -> None:
    client = as_person(maker(all_organizations=True))
    wrong = [
        (name, answer.status_code)
        for name, _page, address in each_page(theirs()[0])
        for answer in asked(client, address)
        if answer.status_code != 403
    ]
    assert wrong == []


def test_an_agent_of_another_department_and_organization_finds_nothing() -> None:
    found, _agent = theirs()
    other = rows.agent()
    other.user.organizations.set([make.organization("Mine")])
    client, wrong, counts = as_person(other.user), [], counted()
    for name, page, address in each_page(found):
        for answer in asked(client, address):
            is_open = page.pattern.converters and answer.status_code not in (403, 404)
            tells = name not in FOR_ALL_AGENTS and MARK in text_of(answer)
            if (is_open and name not in FOR_ALL_AGENTS) or tells or counted() != counts:
                wrong.append((name, answer.status_code))
    assert wrong == []


def test_pages_are_there_for_administrators() -> None:
    """Or else the others would prove nothing."""
    client, wrong = as_person(make.admin()), []
    for name, _page, address in each_page(theirs()[0]):
        for answer in asked(client, address):
            if answer.streaming:
                b"".join(answer.streaming_content)  # which closes the file
            if answer.status_code == 403 and name not in FOR_AGENTS_ALONE:
                wrong.append((name, answer.status_code))
    assert wrong == []


def test_an_agent_who_may_only_read_changes_no_ticket() -> None:
    """Their drafts, their following and their views of tickets are their own."""
    found, agent = theirs()
    agent.role = rows.role()
    agent.save()
    client, wrong = as_person(agent.user), []
    own = {"Viewing", "Draft", "Follower", "Event", "SavedQueue"}
    counts = {name: count for name, count in counted().items() if name not in own}
    before = Ticket.objects.values().get(pk=found[Ticket].pk)
    for name, _page, address in each_page(found):
        if name.startswith("queue-"):
            continue
        client.post(address, {"kind": "note", "text": "x", "subject": "x", "name": "x", "to": "1", "agent": agent.pk})
        now = {name: count for name, count in counted().items() if name not in own}
        if now != counts or Ticket.objects.values().get(pk=found[Ticket].pk) != before:
            wrong.append((name, [key for key in counts if counts[key] != now[key]]))
    assert wrong == []


def test_calls_need_a_key() -> None:
    wrong = [
        name
        for name, _call, method, address in each_call(theirs()[0])
        if sent(APIClient(), method, address).status_code != 401
    ]
    assert wrong == []


@pytest.mark.parametrize("maker", [make.customer, make.user], ids=["a customer", "staff who is no agent"])
def test_calls_give_nothing_to_those_who_do_not_work_at_the_desk(maker: Any) -> None:
    client, found = program(maker(all_organizations=True)), theirs()[0]
    counts, wrong = counted(), []
    for name, _call, method, address in each_call(found):
        answer = sent(client, method, address)
        if MARK in text_of(answer) or counted() != counts or answer.status_code in (201, 204):
            wrong.append((name, answer.status_code))
    assert wrong == []


def test_calls_of_an_agent_of_another_department_and_organization_find_nothing() -> None:
    found, _agent = theirs()
    other = rows.agent()
    other.user.organizations.set([make.organization("Mine")])
    client, wrong, counts = program(other.user), [], counted()
    for name, call, method, address in each_call(found):
        answer = sent(client, method, address)
        of_all = str(call.name).removeprefix("api-").startswith(READ_BY_ALL_AGENTS)
        is_open = is_about_a_row(call) and answer.status_code not in (403, 404)
        if not of_all and (is_open or MARK in text_of(answer) or counted() != counts):
            wrong.append((name, answer.status_code))
    assert wrong == []


def test_a_key_that_may_only_read_changes_nothing() -> None:
    client, wrong = program(make.admin(), ("read",)), []
    for name, _call, method, address in each_call(theirs()[0]):
        if method != "get" and sent(client, method, address).status_code != 403:
            wrong.append(name)
    assert wrong == []
