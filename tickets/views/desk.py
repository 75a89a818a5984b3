"""A request in; who asks as an agent, and the ticket that they may see, out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from hosts.models import User
from hosts.views.shell import Crumb, person, staff
from tickets.models import Agent, Ticket
from tickets.models.read_once import is_reading, one_reading
from tickets.models.ticket import agent_at_work

SAFE = ("GET", "HEAD")
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def agent_of(user: object) -> Agent | None:
    """The person's row as an agent; kept on the person, so that asking again costs nothing."""
    if is_reading() and isinstance(user, User):
        return agent_at_work(user)
    found = getattr(user, "agent", None)
    return found if isinstance(found, Agent) else None


def works_at_desk(user: object) -> bool:
    """Whether the pages of the desk are for this person: an agent, or an administrator."""
    return isinstance(user, User) and user.is_staff and (user.is_superuser or agent_of(user) is not None)


def desk(view: View) -> View:
    """For agents and administrators. The login for strangers, 403 for everybody else."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with one_reading() if request.method in SAFE else nullcontext():
            if not works_at_desk(person(request)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

    return cast(View, staff()(inner))


def ticket_of(request: HttpRequest, number: str) -> Ticket:
    """The ticket of a number within the reach of who asks; 404 otherwise. Administrators also find deleted ones."""
    user = person(request)
    rows = Ticket.objects.within_reach_of(user) if user.is_superuser else Ticket.objects.visible_to(user)
    joined = ("merged_into", "follows", "sla", "mailbox", "organization__customer")
    whole = rows.with_people().select_related(*joined).prefetch_related("contact__addresses")
    ticket = whole.defer("mailbox__secret", "mailbox__smtp_secret").filter(number=number).first()
    if ticket is None:
        raise Http404(_("There is no ticket %(number)s that you may see.") % {"number": number})
    return ticket


def queue_crumb(query: str = "") -> Crumb:
    """The way back to the queue one came from."""
    return Crumb(_("Tickets"), f"{reverse('tickets:queue')}?{query}".rstrip("?"))
