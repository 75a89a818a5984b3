"""Rollouts: one change over many hosts, a cell for each of them, filling while it runs."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hosts.choices import ChangeState, RolloutState, StepState
from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.models import Change, Rollout, Step
from hosts.permissions import actor
from hosts.rules.progress import BAD_ENDS, GOOD_ENDS, ON_THE_WAY
from hosts.services import rollouts
from hosts.services.audit import Actor
from hosts.tasks import step_rollout
from hosts.views.keyset import keyset_page
from hosts.views.shell import Crumb, fragment, page, person, staff, wants_fragment

PAGE_SIZE = 30
MANY = 60
MOST_CELLS = 2_000
WAITING = (ChangeState.PLANNED, ChangeState.COMPARED, ChangeState.APPROVED)
NEEDS = {"approve": "hosts.approve_change", "start": "hosts.apply_change", "stop": "hosts.apply_change"}


@require_safe
@staff("hosts.view_change")
def listed(request: HttpRequest) -> HttpResponse:
    """Rollouts, newest first, each with how far it is."""
    rows = Rollout.objects.visible_to(person(request)).select_related("planned_by")
    shown = keyset_page(
        rows,
        "pk",
        descending=True,
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
        size=PAGE_SIZE,
    )
    tallies: dict[int | None, Counter[str]] = {row.pk: Counter() for row in shown.rows}
    for rollout_id, state in Change.objects.filter(rollout__in=shown.rows).values_list("rollout_id", "state"):
        tallies[rollout_id][state] += 1
    context = {"shown": shown, "rows": [(row, tally(tallies[row.pk])) for row in shown.rows]}
    return page(request, "hosts/rollout_list.html", context, title=_("Rollouts"))


@require_safe
@staff("hosts.view_change")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The grid of hosts."""
    rollout = _loaded(request, pk)
    crumbs = (Crumb(_("Rollouts"), reverse("hosts:rollout-list")),)
    return page(request, "hosts/rollout.html", _context(request, rollout), title=f"#{rollout.pk}", crumbs=crumbs)


@require_safe
@staff("hosts.view_change")
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """The moving part again; 204 where the browser has it already."""
    context = _context(request, _loaded(request, pk))
    if request.GET.get("mark") == context["mark"]:
        return HttpResponse(status=204)
    return fragment(request, "hosts/_rollout_live.html", context | {"is_piece": True})


@require_POST
@staff("hosts.view_change")
def decide(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Approve all, start or go on, stop."""
    if verb not in VERBS or not request.user.has_perm(NEEDS[verb]):
        raise PermissionDenied
    rollout = _loaded(request, pk)
    try:
        with transaction.atomic():
            VERBS[verb](rollout, by=actor(request))
            if verb == "start":
                step_rollout.delay_on_commit(rollout.pk)
    except Explainable as error:
        if wants_fragment(request):
            return fragment(
                request,
                "hosts/_rollout_live.html",
                _context(request, rollout) | {"error": words_of(error), "is_piece": True},
            )
        messages.error(request, words_of(error))
    if wants_fragment(request):
        return fragment(
            request, "hosts/_rollout_live.html", _context(request, _loaded(request, pk)) | {"is_piece": True}
        )
    return redirect("hosts:rollout-detail", pk)


def _start(rollout: Rollout, *, by: Actor) -> object:
    return rollouts.start_rollout(rollout, by=by)


VERBS: dict[str, Callable[..., object]] = {
    "approve": rollouts.approve_rollout,
    "start": _start,
    "stop": rollouts.stop_rollout,
}


def tally(states: Counter[str]) -> dict[str, Any]:
    """The numbers of a rollout: how many hosts there are, hold, did not hold, are on their way, wait."""
    total = states.total()
    good = sum(states[state] for state in GOOD_ENDS)
    bad = sum(states[state] for state in BAD_ENDS)
    return {
        "total": total,
        "good": good,
        "bad": bad,
        "going": sum(states[state] for state in ON_THE_WAY),
        "waiting": sum(states[state] for state in WAITING),
        "comparing": states[ChangeState.PLANNED],
        "to_approve": states[ChangeState.COMPARED],
        "approved": states[ChangeState.APPROVED],
        "ended": good + bad + states[ChangeState.DISCARDED],
    }


def _context(request: HttpRequest, rollout: Rollout) -> dict[str, Any]:
    user = person(request)
    changes = _changes(Change.objects.visible_to(user).filter(rollout=rollout.pk))
    numbers = tally(Counter(change.state for change in changes))
    is_moving = rollout.state == RolloutState.RUNNING or bool(numbers["comparing"] or numbers["going"])
    said = [(change.pk, change.state, _step_of(change)) for change in changes]
    mark = hashlib.sha256(repr((rollout.state, rollout.stopped_why, said)).encode()).hexdigest()[:12]
    cells = [{"change": change, "step": _step_of(change)} for change in changes]
    return {
        "rollout": rollout,
        "numbers": numbers,
        "canary": cells[: rollout.canary_count],
        "others": cells[rollout.canary_count :],
        "is_many": len(cells) > MANY,
        "mark": mark,
        "ask_again": 1 if is_moving else 10 if rollout.state in (RolloutState.PLANNED, RolloutState.STOPPED) else 0,
        "may_approve": user.has_perm(NEEDS["approve"]) and bool(numbers["to_approve"]),
        "may_start": user.has_perm(NEEDS["start"])
        and rollout.state in (RolloutState.PLANNED, RolloutState.STOPPED)
        and not (numbers["comparing"] or numbers["to_approve"])
        and bool(numbers["approved"]),
        "may_stop": user.has_perm(NEEDS["stop"]) and rollout.state == RolloutState.RUNNING,
        "tab_title": f"{rollout.get_state_display()} {numbers['ended']}/{numbers['total']} · {rollout.title}",
        "sample": changes[0] if changes else None,
    }


def _changes(rows: QuerySet[Change]) -> list[Change]:
    running = Step.objects.filter(state=StepState.RUNNING).only("id", "change_id", "name", "state")
    wanted = rows.select_related("host").prefetch_related(Prefetch("steps", queryset=running, to_attr="running_steps"))
    fields = ("id", "state", "title", "position", "rollout_id", "outcome_why", "host__name", "host__id", "means", "why")
    return list(wanted.only(*fields).order_by("position", "id")[:MOST_CELLS])


def _step_of(change: Change) -> str:
    """The name of the step that runs on the host now; empty otherwise."""
    running: list[Step] = getattr(change, "running_steps", [])
    return running[-1].name if running and change.state == ChangeState.APPLYING else ""


def _loaded(request: HttpRequest, pk: int) -> Rollout:
    rows = Rollout.objects.visible_to(person(request)).select_related("planned_by", "started_by", "stopped_by")
    rollout = rows.filter(pk=pk).first()
    if rollout is None:
        raise Http404(_("There is no rollout with this number, or it belongs to another organization."))
    return rollout
