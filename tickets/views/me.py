"""What an agent types about themselves in; it is kept, and the page again, out."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.models import User
from hosts.permissions import actor
from hosts.views.shell import page, person
from tickets.forms.preferences import AgentForm, PersonForm
from tickets.models import Agent, SavedQueue
from tickets.services import own, queues
from tickets.views.desk import agent_of, desk, queue_crumb
from tickets.views.queue import COLUMNS
from tickets.views.queue_rows import SAVED, order_of, queues_of, rows_of
from tickets.views.shelves import TITLES


@require_http_methods(["GET", "POST"])
@desk
def preferences(request: HttpRequest) -> HttpResponse:
    """How do I answer, and what do I see first?"""
    user = person(request)
    agent = agent_of(user)
    if agent is None:
        messages.info(request, _("You are not an agent, so there is nothing to set here."))
        return redirect("tickets:queue")
    known = [*TITLES.items(), *((f"{SAVED}{row.pk}", row.name) for row in queues_of(user))]
    agent = Agent.objects.get(pk=agent.pk)
    form = AgentForm(request.POST or None, instance=agent, queues=known)
    about = PersonForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid() and about.is_valid():
        try:
            own.save_preferences(form.instance, about.instance, by=actor(request))
        except (Explainable, ValidationError) as error:
            form.add_error(None, words_of(error))
        else:
            messages.success(request, _("Your preferences are kept."))
            return redirect("tickets:me")
    context = {"form": form, "about": about, "agent": agent}
    is_wrong = request.method == "POST"
    return page(
        request,
        "tickets/me.html",
        context,
        title=_("My preferences"),
        crumbs=(queue_crumb(),),
        status=422 if is_wrong else 200,
    )


@require_POST
@desk
def save_queue(request: HttpRequest) -> HttpResponse:
    """Keep the filter of the queue that is shown as a queue of one's own."""
    query = QueryDict(request.POST.get("query", ""))
    back = f"{reverse('tickets:queue')}?{query.urlencode()}"
    agent = agent_of(request.user)
    if agent is None:
        messages.error(request, _("Only an agent can have queues."))
        return redirect(back)
    rows = rows_of(person(request), query)
    filters = rows.form.kept | ({"queue": rows.name} if rows.saved is None else {})
    column, descending = order_of(query, rows.saved, rows.sorts)
    name = " ".join(request.POST.get("name", "").split())
    row = agent.queues.filter(name=name).first() or SavedQueue(owner=agent, name=name)
    row.filters, row.sort = filters, f"-{column}" if descending else column
    row.columns = _columns(request)
    row.is_shared = request.POST.get("is_shared") == "1"
    try:
        queues.save_queue(row, by=actor(request))
    except (Explainable, ValidationError) as error:
        messages.error(request, words_of(error))
        return redirect(back)
    return redirect(f"{reverse('tickets:queue')}?queue={SAVED}{row.pk}")


@require_POST
@desk
def keep_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep which columns one of one's own queues shows."""
    row = _own(request, pk)
    row.columns = _columns(request)
    queues.save_queue(row, by=actor(request))
    return HttpResponse(status=204)


@require_POST
@desk
def delete_queue(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one of one's own queues."""
    queues.delete_queue(_own(request, pk), by=actor(request))
    return redirect("tickets:queue")


def _own(request: HttpRequest, pk: int) -> SavedQueue:
    mine = SavedQueue.objects.select_related("owner").filter(owner=agent_of(request.user))
    return get_object_or_404(mine, pk=pk)


def _columns(request: HttpRequest) -> list[str]:
    """The columns that were sent, in the order of the table; none where all are shown, or nothing was sent."""
    sent = request.POST.get("columns", "").split(",")
    wanted = [name for name, _words in COLUMNS if name in sent]
    return [] if len(wanted) == len(COLUMNS) else wanted
