"""The values of a mail's variables: rows in, a flat table of plain texts out, in the reader's language and zone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import override

from tickets.choices import EntryKind, MailKind, SignatureKind, TicketState
from tickets.facts.mail import Fold, unfolded
from tickets.facts.outgoing import Person
from tickets.models import Agent, Entry, HelpTopic, Task, Ticket
from tickets.models.seeded import seeded
from tickets.rules.subject_token import bare_subject
from tickets.services.links import panel_url, ticket_url
from tickets.services.mail_matter import Matter

Makers = dict[str, Callable[[], object]]
MOST_ENTRIES = 30
RULE = "\n\n" + "-" * 40 + "\n"


def values_of(matter: Matter, person: Person, wanted: Iterable[str]) -> dict[str, str]:
    """{name: text} for `wanted`; a name that is not there, or that has no value, is left out."""
    zone = person.time_zone or settings.TIME_ZONE
    with override(person.language or settings.LANGUAGE_CODE), timezone.override(zone):
        makers = _makers(matter, person)
        found = {name: makers[name]() for name in wanted if name in makers}
        return {name: str(value) for name, value in found.items() if value not in {None, ""}}


def rich_of(matter: Matter) -> dict[str, str]:
    """{name: sanitised HTML} of what an agent wrote with a form of its own. A customer's HTML is not passed on."""
    entry = matter.entry
    if entry is None or not entry.html or entry.kind != EntryKind.RESPONSE:
        return {}
    return {"response": entry.html}


def visible_text(entry: Entry) -> str:
    """An entry without its folded quotations."""
    folds = tuple(Fold(int(start), int(end), kind) for start, end, kind in entry.folds)
    return unfolded(entry.text, folds).strip()


def said_at(moment: datetime, person: Person) -> str:
    """A time as the reader writes it."""
    with override(person.language or settings.LANGUAGE_CODE), timezone.override(person.time_zone or settings.TIME_ZONE):
        return _date(moment)


def _makers(matter: Matter, person: Person) -> Makers:
    ticket = matter.ticket
    found: Makers = {
        "recipient": lambda: person.name,
        "recipient.name": lambda: person.name,
        "recipient.name.first": lambda: _first(person.name),
        "recipient.email": lambda: person.email,
        "company.name": lambda: matter.desk.name,
        "url": panel_url,
        "signature": lambda: signature(matter),
        "comments": lambda: matter.extra.get("comments"),
        "activity": lambda: matter.extra.get("activity"),
        "mailbox.address": lambda: matter.extra.get("address"),
        "mailbox.why": lambda: matter.extra.get("why"),
        "assignee": lambda: matter.extra.get("assignee"),
        "assigner": lambda: _actor(matter),
        "staff": lambda: _actor(matter),
        "staff.name": lambda: _actor(matter),
    }
    if ticket is not None:
        found |= _of_ticket(matter, ticket) | _of_dates("ticket", _ticket_dates(ticket)) | _of_thread(matter, ticket)
        found |= {"recipient.ticket_link": lambda: ticket_url(ticket) if person.is_agent else ""}
    task = matter.extra.get("task")
    if isinstance(task, Task):
        found |= _of_task(task) | _of_dates("task", {"due_date": task.due_at})
    return found


def _of_ticket(matter: Matter, ticket: Ticket) -> Makers:
    contact, department = ticket.contact, ticket.department

    def staff() -> object:
        return "" if matter.hides_agents else ticket.agent or ""

    def status() -> str:
        is_shown = matter.is_for_agents or ticket.status.is_shown_to_customers
        return seeded(ticket.status.name) if is_shown else str(TicketState(ticket.state).label)

    return {
        "ticket.id": lambda: ticket.pk,
        "ticket.number": lambda: ticket.number,
        "ticket.subject": lambda: bare_subject(ticket.subject) or ticket.subject,
        "ticket.name": lambda: contact.name,
        "ticket.name.first": lambda: _first(contact.name),
        "ticket.email": lambda: contact.email,
        "ticket.phone": lambda: contact.phone,
        "ticket.user": lambda: contact.name,
        "ticket.user.name": lambda: contact.name,
        "ticket.user.email": lambda: contact.email,
        "ticket.user.organization": lambda: ticket.organization or "",
        "ticket.status": status,
        "ticket.status.name": status,
        "ticket.state": lambda: TicketState(ticket.state).label,
        "ticket.priority": lambda: seeded(ticket.priority.name),
        "ticket.source": ticket.get_source_display,
        "ticket.dept": lambda: department,
        "ticket.dept.name": lambda: department,
        "ticket.dept.manager": lambda: "" if matter.hides_agents else department.manager or "",
        "ticket.dept.signature": lambda: department.signature,
        "ticket.dept.sla": lambda: department.sla or "",
        "ticket.topic": lambda: ticket.topic or "",
        "ticket.topic.name": lambda: ticket.topic or "",
        "ticket.topic.fullname": lambda: _full_name(ticket.topic),
        "ticket.sla": lambda: ticket.sla or "",
        "ticket.staff": staff,
        "ticket.team": lambda: ticket.team or "",
        "ticket.assigned": lambda: " / ".join(str(one) for one in (staff(), ticket.team) if one),
        "ticket.staff_link": lambda: ticket_url(ticket),
        "ticket.recipients": lambda: ", ".join([str(contact), *_in_copy(ticket)]),
    }


def _of_thread(matter: Matter, ticket: Ticket) -> Makers:
    entry = matter.entry

    def text_of(kind: EntryKind) -> str:
        """The entry's words. An agent who forwards a note means its words to be read outside."""
        is_meant = entry is not None and entry.kind == kind
        is_meant_too = kind == EntryKind.MESSAGE and matter.kind == MailKind.TICKET_FORWARD
        if entry is None or not (is_meant or (is_meant_too and entry.kind == EntryKind.NOTE)):
            return ""
        return visible_text(entry)

    def thread() -> str:
        rows = ticket.entries.order_by("-pk")
        shown = rows if matter.is_for_agents else rows.exclude(kind=EntryKind.NOTE)
        return RULE.join(
            f"{_poster(matter, one)}, {_date(one.posted_at)}\n\n{visible_text(one)}"
            for one in reversed(shown.select_related("ticket__department")[:MOST_ENTRIES])
        )

    def message(order: str) -> str:
        found = ticket.entries.filter(kind=EntryKind.MESSAGE).order_by(order).first()
        return visible_text(found) if found is not None else ""

    return {
        "message": lambda: text_of(EntryKind.MESSAGE),
        "response": lambda: text_of(EntryKind.RESPONSE) or matter.extra.get("response", ""),
        "note": lambda: text_of(EntryKind.NOTE),
        "poster": lambda: _poster(matter, entry) if entry is not None else _actor(matter),
        "ticket.thread": thread,
        "ticket.thread.complete": thread,
        "ticket.thread.original": lambda: message("pk"),
        "ticket.thread.lastmessage": lambda: message("-pk"),
    }


def _of_task(task: Task) -> Makers:
    return {
        "task.number": lambda: task.pk,
        "task.title": lambda: task.title,
        "task.text": lambda: task.text,
        "task.dept": lambda: task.department,
        "task.assigned": lambda: " / ".join(str(one) for one in (task.agent, task.team) if one),
    }


def _ticket_dates(ticket: Ticket) -> dict[str, datetime | None]:
    return {
        "create_date": ticket.created_at,
        "due_date": ticket.due_at or ticket.sla_due_at,
        "close_date": ticket.resolved_at or ticket.closed_at,
        "last_update": ticket.active_at,
    }


def _of_dates(whose: str, dates: Mapping[str, datetime | None]) -> Makers:
    found: Makers = {}
    for name, moment in dates.items():
        if moment is not None:
            at = timezone.localtime(moment)
            found[f"{whose}.{name}"] = lambda at=at: _date(at)  # type: ignore[misc]
            found[f"{whose}.{name}.short"] = lambda at=at: date_format(at, "SHORT_DATE_FORMAT")  # type: ignore[misc]
            found[f"{whose}.{name}.full"] = lambda at=at: date_format(at, "DATE_FORMAT")  # type: ignore[misc]
            found[f"{whose}.{name}.time"] = lambda at=at: date_format(at, "TIME_FORMAT")  # type: ignore[misc]
            found[f"{whose}.{name}.human"] = lambda at=at: timesince(at)  # type: ignore[misc]
    return found


def _date(moment: datetime) -> str:
    at = timezone.localtime(moment)
    return f"{date_format(at, 'DATETIME_FORMAT')} ({at:%Z})"


def _first(name: str) -> str:
    """The first name; a name without a space, as Korean ones are, is used whole."""
    return name.split(" ")[0]


def _full_name(topic: HelpTopic | None) -> str:
    names: list[str] = []
    while topic is not None and len(names) < MOST_ENTRIES:
        names.insert(0, topic.name)
        topic = topic.parent
    return " / ".join(names)


def _in_copy(ticket: Ticket) -> list[str]:
    rows = ticket.collaborators.filter(is_active=True).select_related("contact").prefetch_related("contact__addresses")
    return [str(row.contact) for row in rows]


def _poster(matter: Matter, entry: Entry) -> str:
    is_hidden = matter.hides_agents and entry.agent_id is not None
    return str(entry.ticket.department) if is_hidden else entry.author_name


def _actor(matter: Matter) -> str:
    if matter.hides_agents:
        return str(matter.ticket.department) if matter.ticket else matter.desk.name
    agent = matter.agent
    return str(agent or matter.by.user or matter.desk.name)


def signature(matter: Matter) -> str:
    """What stands under the mail: the kind that was asked for, else the agent's own choice."""
    agent: Agent | None = matter.agent
    wished = matter.extra.get("signature") or (agent.signature_kind if agent else SignatureKind.DEPARTMENT)
    if wished == SignatureKind.NONE:
        return ""
    own = agent.signature if agent is not None and not matter.hides_agents else ""
    department = matter.ticket.department.signature if matter.ticket else ""
    return (own or department) if wished == SignatureKind.OWN else department
