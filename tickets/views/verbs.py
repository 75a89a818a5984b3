"""A button at a ticket in; one service call, the worker that carries the mails woken, and the ticket again out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hosts.errors import BadInput, Explainable
from hosts.facts.words import plain
from hosts.forms.refusals import words_of
from hosts.permissions import actor
from hosts.services.fleet import tag_of
from hosts.views.shell import back_to
from tickets.forms.properties import EditForm, GivingForm, StatusForm, TransferForm, first_error, tag_names
from tickets.models import Agent, Department, Team, Ticket
from tickets.services import assign, edits, state
from tickets.tasks import send
from tickets.views.desk import agent_of, desk, ticket_of
from tickets.views.together import TOGETHER

Verb = Callable[[HttpRequest, Ticket], str]
AnyForm = TypeVar("AnyForm", bound=Form)


@require_POST
@desk
def do(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """One of VERBS. What was refused is said in words, and nothing was changed."""
    ticket = ticket_of(request, number)
    found = VERBS.get(verb)
    if found is None:
        raise Http404
    try:
        with transaction.atomic():
            said = found(request, ticket)
            send.wake()
    except Explainable as error:
        messages.error(request, words_of(error))
    else:
        if said:
            messages.success(request, said)
    if verb == "delete":
        return redirect("tickets:queue")
    return redirect(back_to(request, resolve_url("tickets:ticket", ticket.number)))


def _claim(request: HttpRequest, ticket: Ticket) -> str:
    assign.claim(ticket, _me(request), by=actor(request))
    return _("The ticket is yours.")


def _assign(request: HttpRequest, ticket: Ticket) -> str:
    form = checked(GivingForm(request.POST))
    agent, team = form.cleaned_data["agent"], form.cleaned_data["team"]
    give(request, ticket, agent=agent, team=team, comments=form.cleaned_data["comment"])
    return _("Assigned.") if agent or team else _("Nobody has the ticket now.")


def give(request: HttpRequest, ticket: Ticket, *, agent: Agent | None, team: Team | None, comments: str = "") -> None:
    """To an agent, a team or both. Where a list was sent empty, who had the ticket has it no more."""
    by = actor(request)
    without_agent = "agent" in request.POST and agent is None and ticket.agent_id is not None
    without_team = "team" in request.POST and team is None and ticket.team_id is not None
    if without_agent or without_team:
        assign.release(ticket, by=by, agent=without_agent, team=without_team)
    if agent is not None or team is not None:
        assign.assign(ticket, agent=agent, team=team, by=by, comments=comments)


def _release(request: HttpRequest, ticket: Ticket) -> str:
    assign.release(ticket, by=actor(request))
    return _("Nobody has the ticket now.")


def _transfer(request: HttpRequest, ticket: Ticket) -> str:
    form = checked(TransferForm(request.POST))
    department: Department = form.cleaned_data["department"]
    assign.transfer(ticket, department, by=actor(request), comments=form.cleaned_data["comment"])
    return _("Transferred to %(name)s.") % {"name": department}


def _follow(request: HttpRequest, ticket: Ticket) -> str:
    me = _me(request)
    if ticket.followers.filter(agent=me).exists():
        assign.unfollow(ticket, me, by=actor(request))
        return _("You do not follow the ticket any more.")
    assign.follow(ticket, me, by=actor(request))
    return _("You are told of what happens to this ticket.")


def _refer(request: HttpRequest, ticket: Ticket) -> str:
    kind, _sign, pk = request.POST.get("to", "").partition("-")
    rows: dict[str, QuerySet[Any]] = {
        "agent": Agent.objects.select_related("user"),
        "team": Team.objects.all(),
        "department": Department.objects.all(),
    }
    row = rows[kind].filter(pk=int(pk)).first() if kind in rows and pk.isdecimal() else None
    if row is None:
        raise BadInput(plain(_("Choose whom the ticket is referred to.")), field="to")
    assign.refer(ticket, by=actor(request), **{kind: row})
    return _("%(name)s sees the ticket now.") % {"name": row}


def _end_referral(request: HttpRequest, ticket: Ticket) -> str:
    text = request.POST.get("referral", "")
    rows = ticket.referrals.select_related("agent__user", "team", "department")
    row = rows.filter(pk=int(text) if text.isdecimal() and len(text) < 19 else 0).first()
    if row is None:
        return ""
    said = _("%(name)s does not see the ticket by a referral any more.") % {"name": row}
    assign.end_referral(row, by=actor(request))
    return said


def _status(request: HttpRequest, ticket: Ticket) -> str:
    status = checked(StatusForm(request.POST)).cleaned_data["status"]
    state.set_status(ticket, status, by=actor(request))
    return _("The status is “%(status)s” now.") % {"status": status}


def _answered(request: HttpRequest, ticket: Ticket) -> str:
    state.mark_answered(ticket, is_answered=request.POST.get("is_answered") == "1", by=actor(request))
    return ""


def _delete(request: HttpRequest, ticket: Ticket) -> str:
    state.delete(ticket, by=actor(request))
    return _("Ticket %(number)s is deleted. An administrator can restore it.") % {"number": ticket.number}


def _restore(request: HttpRequest, ticket: Ticket) -> str:
    state.restore(ticket, by=actor(request))
    return _("The ticket is back.")


def _edit(request: HttpRequest, ticket: Ticket) -> str:
    edits.edit_ticket(ticket, checked(EditForm(request.POST)).changes, by=actor(request))
    return _("Saved.")


def _tags(request: HttpRequest, ticket: Ticket) -> str:
    edits.set_labels(ticket, tags=[tag_of(name) for name in tag_names(request.POST.get("tags", ""))], by=actor(request))
    return _("Saved.")


def checked(form: AnyForm) -> AnyForm:
    """The form, where everything in it can be used; otherwise BadInput that says what cannot."""
    if not form.is_valid():
        raise BadInput(plain(first_error(form)))
    return form


def _me(request: HttpRequest) -> Agent:
    agent = agent_of(request.user)
    if agent is None:
        raise BadInput(plain(_("You are not an agent, so no ticket can be yours.")))
    return agent


VERBS: dict[str, Verb] = {
    "claim": _claim,
    "assign": _assign,
    "release": _release,
    "transfer": _transfer,
    "follow": _follow,
    "refer": _refer,
    "end-referral": _end_referral,
    "status": _status,
    "answered": _answered,
    "delete": _delete,
    "restore": _restore,
    "edit": _edit,
    "tags": _tags,
    **TOGETHER,
}
