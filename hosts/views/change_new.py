"""Open a change: one page to choose where, what and how, with what it comes to beside it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hosts.errors import Explainable
from hosts.forms.new_change import FIRST_PRESET, KINDS, MANAGED, PRESET, SOURCES, NewChangeForm, preset_field
from hosts.forms.refusals import words_of
from hosts.models import Change, Host, Rollout, User
from hosts.permissions import actor
from hosts.rules.review import review
from hosts.services.changes.plan import meaning_row
from hosts.services.presets import known_presets
from hosts.services.rollouts import plan_for_hosts
from hosts.tasks import compare_change
from hosts.views.picks import host_picks
from hosts.views.shell import Crumb, fragment, page, person, staff

SHOWN_NAMES = 12
SHOWN_LINES = 60


@require_http_methods(["GET", "POST"])
@staff("hosts.plan_change")
def new(request: HttpRequest) -> HttpResponse:
    """The form; planned, it leads to the change or to the rollout."""
    user = person(request)
    if request.method == "GET":
        return _shown(request, NewChangeForm(user=user, initial=_initial(request.GET, user)))
    form = NewChangeForm(request.POST, user=user)
    if not form.is_valid():
        return _shown(request, form, status=422)
    try:
        made = _planned(request, form)
    except Explainable as error:
        form.blame(error)
        return _shown(request, form, status=422)
    return redirect(made.get_absolute_url())


@require_GET
@staff("hosts.plan_change")
def hosts(request: HttpRequest) -> HttpResponse:
    """Hosts to be picked."""
    return host_picks(request)


@require_POST
@staff("hosts.plan_change")
def preview(request: HttpRequest) -> HttpResponse:
    """What the form comes to so far: how many hosts, and what would be done on the first of them. Nothing is kept."""
    form = NewChangeForm(request.POST, user=person(request))
    is_whole = form.is_valid()
    chosen = list(form.chosen_hosts()[: SHOWN_NAMES + 1])
    context: dict[str, Any] = {
        "chosen": chosen[:SHOWN_NAMES],
        "count": form.chosen_hosts().count() if chosen else 0,
        "kind": form.kind_now,
    }
    if is_whole and chosen:
        try:
            context |= _proposed(form, chosen[0])
        except Explainable as error:
            context["problem"] = words_of(error)
    return fragment(request, "hosts/_new_preview.html", context)


def _proposed(form: NewChangeForm, host: Host) -> dict[str, Any]:
    proposal = form.proposer()(host)
    bundle = proposal.bundle
    edits = {edit.path: edit.line for edit in proposal.edits}
    files: list[dict[str, Any]] = []
    for file in bundle.files:
        if file.path in edits:
            files.append({"path": file.path, "line": edits[file.path]})
        elif file.content is None or file.secret:
            files.append({"path": file.path, "is_secret": file.secret, "is_gone": file.content is None})
        else:
            drawn = review(None, file.content, file.path, wide=False, most=SHOWN_LINES)
            files.append({"path": file.path, "review": drawn})
    parts = (
        (_("Before"), bundle.before),
        (_("Check"), bundle.check),
        (_("Activate"), bundle.activate),
        (_("Verify"), bundle.verify),
        (_("Undo"), bundle.undo),
    )
    return {
        "on": host,
        "proposal": proposal,
        "means": [meaning_row(meaning) for meaning in proposal.means],
        "previewed": files,
        "commands": [(label, commands) for label, commands in parts if commands],
    }


@transaction.atomic
def _planned(request: HttpRequest, form: NewChangeForm) -> Change | Rollout:
    said = form.cleaned_data
    made = plan_for_hosts(
        list(form.chosen_hosts()),
        form.proposer(),
        by=actor(request),
        source=SOURCES[said["kind"]],
        why=said["why"],
        reference=said["reference"],
        managed=said["managed"] if said["kind"] == MANAGED else None,
        manner=form.manner(),
    )
    changes = [made] if isinstance(made, Change) else list(made.changes.order_by("pk"))
    for change in changes:
        compare_change.delay_on_commit(change.pk)
    return made


def _initial(query: QueryDict, user: User) -> dict[str, Any]:
    """What a link to this page may choose beforehand: hosts, tags, roles, a kind, a managed file, a preset."""
    initial: dict[str, Any] = {"kind": query.get("kind", PRESET)}
    hosts = Host.objects.visible_to(user)
    initial["host"] = list(hosts.filter(pk__in=[pk for pk in query.getlist("host") if pk.isdecimal()]))
    initial["role"] = query.getlist("role")
    initial["tag"] = [pk for pk in query.getlist("tag") if pk.isdecimal()]
    if query.get("managed", "").isdecimal():
        initial |= {"kind": MANAGED, "managed": query["managed"]}
    for name in ("preset", "path", "reference", "why", "title", "command"):
        if query.get(name):
            initial[name] = query[name]
    return initial


def _shown(request: HttpRequest, form: NewChangeForm, *, status: int = 200) -> HttpResponse:
    if form.is_bound:
        typed = [pk for pk in request.POST.getlist("host") if pk.isdecimal()]
        picked = list(Host.objects.visible_to(form.user).filter(pk__in=typed).order_by("name"))
    else:
        picked = form.initial.get("host", [])
    wrong = sum(len(errors) for errors in form.errors.values())
    context = {
        "form": form,
        "picked": picked,
        "kinds": [{"name": name, "label": label, "about": about} for name, label, about in KINDS],
        "kind_now": form.kind_now,
        "preset_now": form["preset"].value() or FIRST_PRESET,
        "presets": [
            {
                "name": each.name,
                "title": _(each.title.msgid),
                "about": _(each.about.msgid),
                "fields": [form[preset_field(each.name, asked.name)] for asked in each.fields],
            }
            for each in known_presets()
        ],
        "wrong": ngettext("%(n)d entry cannot be used yet.", "%(n)d entries cannot be used yet.", wrong) % {"n": wrong}
        if wrong
        else "",
    }
    crumbs = (Crumb(_("Changes"), reverse("hosts:change-list")),)
    return page(request, "hosts/change_new.html", context, title=_("Open a change"), crumbs=crumbs, status=status)
