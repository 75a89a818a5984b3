"""Verbs that join tickets, people and tasks in, a sentence of what was done out; called by `views.verbs`."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.utils.translation import gettext as _

from hosts.errors import BadInput
from hosts.facts.words import plain
from hosts.permissions import actor
from hosts.views.shell import person
from tickets.forms.properties import TaskForm, first_error
from tickets.models import Collaborator, Task, Ticket, TicketLink
from tickets.services import machines, people, sharing, work


def _add_collaborator(request: HttpRequest, ticket: Ticket) -> str:
    row = sharing.add_collaborator(ticket, request.POST.get("email", ""), by=actor(request))
    return _("%(name)s gets what the owner gets from now on.") % {"name": row.contact}


def _accept_collaborator(request: HttpRequest, ticket: Ticket) -> str:
    row = _collaborator(request, ticket)
    sharing.add_collaborator(ticket, row.contact.email, by=actor(request))
    return _("%(name)s gets what the owner gets from now on.") % {"name": row.contact}


def _remove_collaborator(request: HttpRequest, ticket: Ticket) -> str:
    row = _collaborator(request, ticket)
    sharing.remove_collaborator(row, by=actor(request))
    return _("%(name)s is not in copy any more.") % {"name": row.contact}


def _owner(request: HttpRequest, ticket: Ticket) -> str:
    contact = people.contact_for(request.POST.get("email", ""), by=actor(request))
    sharing.change_owner(ticket, contact, by=actor(request))
    return _("%(name)s owns the ticket now.") % {"name": contact}


def _merge(request: HttpRequest, ticket: Ticket) -> str:
    into = _other(request)
    sharing.merge(into, [ticket], by=actor(request))
    return _("Merged into ticket %(number)s.") % {"number": into.number}


def _unmerge(request: HttpRequest, ticket: Ticket) -> str:
    sharing.unmerge(ticket, by=actor(request))
    return _("The ticket stands on its own again.")


def _split(request: HttpRequest, ticket: Ticket) -> str:
    entries = ticket.entries.filter(pk=_key(request, "entry"))
    made = sharing.split(ticket, list(entries), request.POST.get("subject", ""), by=actor(request))
    return _("Ticket %(number)s was made of it.") % {"number": made.number}


def _link(request: HttpRequest, ticket: Ticket) -> str:
    other = _other(request)
    sharing.link(ticket, other, by=actor(request))
    return _("Linked with ticket %(number)s.") % {"number": other.number}


def _unlink(request: HttpRequest, ticket: Ticket) -> str:
    other = _other(request)
    first, second = sorted((ticket.pk, other.pk))
    row = TicketLink.objects.select_related("first", "second").filter(first=first, second=second).first()
    if row is not None:
        sharing.unlink(row, by=actor(request))
    return _("The link is gone.")


def _new_task(request: HttpRequest, ticket: Ticket) -> str:
    work.add_task(ticket, request.POST.get("title", ""), by=actor(request))
    return ""


def _task(request: HttpRequest, ticket: Ticket) -> str:
    row = _task_of(request, ticket)
    work.set_done(row, is_done=row.closed_at is None, by=actor(request))
    return ""


def _edit_task(request: HttpRequest, ticket: Ticket) -> str:
    row, form = _task_of(request, ticket), TaskForm(request.POST)
    if not form.is_valid():
        raise BadInput(plain(first_error(form)))
    work.edit_task(row, form.cleaned_data, by=actor(request))
    return _("Saved.")


def _delete_task(request: HttpRequest, ticket: Ticket) -> str:
    work.delete_task(_task_of(request, ticket), by=actor(request))
    return _("The task is gone.")


def _task_of(request: HttpRequest, ticket: Ticket) -> Task:
    row = Task.objects.select_related("ticket").filter(ticket=ticket, pk=_key(request, "task")).first()
    if row is None:
        raise BadInput(plain(_("This task is gone.")))
    return row


def _add_host(request: HttpRequest, ticket: Ticket) -> str:
    name = request.POST.get("host", "").strip()
    host = machines.hosts_for(ticket, person(request)).filter(name__iexact=name).first()
    if host is None:
        said = _("There is no host “%(name)s” that this ticket could be about.") % {"name": name[:80]}
        raise BadInput(plain(said), field="host")
    machines.add_host(ticket, host, by=actor(request))
    return _("The ticket is about %(host)s now.") % {"host": host}


def _remove_host(request: HttpRequest, ticket: Ticket) -> str:
    host = ticket.hosts.filter(pk=_key(request, "host")).first()
    if host is not None:
        machines.remove_host(ticket, host, by=actor(request))
    return ""


def _other(request: HttpRequest) -> Ticket:
    """The other ticket, which must be one that the person may see too."""
    number = request.POST.get("number", "").strip().lstrip("#")
    found = Ticket.objects.visible_to(person(request)).filter(number=number).first()
    if found is None:
        raise BadInput(plain(_("There is no ticket %(number)s that you may see.") % {"number": number}), field="number")
    return found


def _collaborator(request: HttpRequest, ticket: Ticket) -> Collaborator:
    rows = ticket.collaborators.select_related("contact", "ticket").filter(pk=_key(request, "collaborator"))
    found = rows.first()
    if found is None:
        raise BadInput(plain(_("This person is not in copy any more.")))
    return found


def _key(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else 0


TOGETHER: dict[str, Callable[[HttpRequest, Ticket], str]] = {
    "add-collaborator": _add_collaborator,
    "accept-collaborator": _accept_collaborator,
    "remove-collaborator": _remove_collaborator,
    "owner": _owner,
    "merge": _merge,
    "unmerge": _unmerge,
    "split": _split,
    "link": _link,
    "unlink": _unlink,
    "add-host": _add_host,
    "remove-host": _remove_host,
    "new-task": _new_task,
    "task": _task,
    "edit-task": _edit_task,
    "delete-task": _delete_task,
}
