"""The variables that a mail's words may name: a kind of mail to their names, each with what it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from hosts.facts.words import gettext_noop
from tickets.choices import MailKind

RESOLUTION = "resolution"
EVERYWHERE: Mapping[str, str] = {
    "recipient": gettext_noop("name of the one who gets the mail"),
    "recipient.name": gettext_noop("name of the one who gets the mail"),
    "recipient.name.first": gettext_noop("first name of the one who gets the mail"),
    "recipient.email": gettext_noop("address that the mail goes to"),
    "company.name": gettext_noop("name of the help desk"),
    "url": gettext_noop("address of the panel"),
    "signature": gettext_noop("signature of the agent or the department"),
}
OF_TICKET: Mapping[str, str] = {
    "ticket.id": gettext_noop("internal number of the ticket"),
    "ticket.number": gettext_noop("ticket number"),
    "ticket.subject": gettext_noop("subject of the ticket"),
    "ticket.name": gettext_noop("name of the owner"),
    "ticket.name.first": gettext_noop("first name of the owner"),
    "ticket.email": gettext_noop("address of the owner"),
    "ticket.phone": gettext_noop("phone of the owner"),
    "ticket.status": gettext_noop("status of the ticket"),
    "ticket.status.name": gettext_noop("status of the ticket"),
    "ticket.state": gettext_noop("state of the ticket"),
    "ticket.priority": gettext_noop("priority of the ticket"),
    "ticket.source": gettext_noop("the way the ticket came in"),
    "ticket.dept": gettext_noop("department of the ticket"),
    "ticket.dept.name": gettext_noop("department of the ticket"),
    "ticket.dept.manager": gettext_noop("manager of the department"),
    "ticket.dept.signature": gettext_noop("signature of the department"),
    "ticket.dept.sla": gettext_noop("SLA of the department"),
    "ticket.topic": gettext_noop("help topic"),
    "ticket.topic.name": gettext_noop("help topic"),
    "ticket.topic.fullname": gettext_noop("help topic with those above it"),
    "ticket.sla": gettext_noop("SLA of the ticket"),
    "ticket.staff": gettext_noop("assigned agent"),
    "ticket.team": gettext_noop("assigned team"),
    "ticket.assigned": gettext_noop("assigned agent and team"),
    "ticket.user": gettext_noop("name of the owner"),
    "ticket.user.name": gettext_noop("name of the owner"),
    "ticket.user.email": gettext_noop("address of the owner"),
    "ticket.user.organization": gettext_noop("organization of the ticket"),
    "ticket.recipients": gettext_noop("everybody who gets the answers"),
    "ticket.client_link": gettext_noop("page of the ticket for the customer"),
    "ticket.thread": gettext_noop("all entries that the reader may see"),
    "ticket.thread.complete": gettext_noop("all entries that the reader may see"),
    "ticket.thread.original": gettext_noop("first message"),
    "ticket.thread.lastmessage": gettext_noop("last message"),
    "recipient.ticket_link": gettext_noop("page of the ticket for the one who gets the mail"),
    "message": gettext_noop("the customer's message"),
    "response": gettext_noop("the agent's answer"),
    "comments": gettext_noop("what was said with the action"),
    "poster": gettext_noop("who wrote the entry"),
    "staff": gettext_noop("the agent who acts"),
    "staff.name": gettext_noop("the agent who acts"),
    "activity": gettext_noop("what happened"),
}
FOR_AGENTS_ONLY: Mapping[str, str] = {
    "ticket.staff_link": gettext_noop("page of the ticket in the panel"),
    "note": gettext_noop("the internal note"),
    "assignee": gettext_noop("who the ticket is assigned to"),
    "assigner": gettext_noop("who assigned it"),
}
OF_ANSWER: Mapping[str, str] = {
    RESOLUTION: gettext_noop("that the request is resolved, where the answer resolves it"),
}
OF_TASK: Mapping[str, str] = {
    "task.number": gettext_noop("number of the task"),
    "task.title": gettext_noop("title of the task"),
    "task.text": gettext_noop("text of the task"),
    "task.dept": gettext_noop("department of the task"),
    "task.assigned": gettext_noop("who does the task"),
}
OF_MAILBOX: Mapping[str, str] = {
    "mailbox.address": gettext_noop("address of the mailbox"),
    "mailbox.why": gettext_noop("what the mail server said"),
}
TICKET_DATES: Mapping[str, str] = {
    "ticket.create_date": gettext_noop("when the ticket was opened"),
    "ticket.due_date": gettext_noop("when the ticket is due"),
    "ticket.close_date": gettext_noop("when the ticket was resolved"),
    "ticket.last_update": gettext_noop("last activity on the ticket"),
}
TASK_DATES: Mapping[str, str] = {"task.due_date": gettext_noop("when the task is due")}
DATE_FORMS = ("", ".short", ".full", ".time", ".human")
"""How a date can be asked for: date and time, the day in figures, the day in words, the time, how long ago."""

_STAFF = frozenset(kind for kind in MailKind if kind.value.endswith((".alert", ".overdue")))
_TASKS = frozenset(kind for kind in MailKind if kind.value.startswith("task."))
_WITHOUT_TICKET = frozenset({MailKind.TICKET_OVERLIMIT, MailKind.MAILBOX_ALERT})


def variables_for(kind: str) -> dict[str, str]:
    """{name: what it stands for, a msgid} of the variables that the words of a kind of mail may name."""
    parts = [EVERYWHERE]
    if kind not in _WITHOUT_TICKET:
        parts += [OF_TICKET, _in_all_forms(TICKET_DATES)]
        if kind in _STAFF:
            parts.append(FOR_AGENTS_ONLY)
    if kind == MailKind.TICKET_REPLY:
        parts.append(OF_ANSWER)
    if kind in _TASKS:
        parts += [OF_TASK, _in_all_forms(TASK_DATES)]
    if kind == MailKind.MAILBOX_ALERT:
        parts.append(OF_MAILBOX)
    return dict(chain.from_iterable(part.items() for part in parts))


def _in_all_forms(dates: Mapping[str, str]) -> dict[str, str]:
    return {name + form: said for name, said in dates.items() for form in DATE_FORMS}
