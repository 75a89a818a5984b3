"""Managed files: the list, the form with its live preview, and what is known of each copy."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hosts.choices import DriftState, Source
from hosts.errors import BadInput, Explainable
from hosts.forms.managed import ManagedFileForm
from hosts.forms.refusals import words_of
from hosts.models import Change, Host, ManagedFile, Override
from hosts.permissions import actor
from hosts.rules import variables
from hosts.rules.review import review
from hosts.services import managed as service
from hosts.services.copies import copies_of
from hosts.services.rollouts import plan_for_hosts
from hosts.tasks import compare_change
from hosts.views.picks import host_picks
from hosts.views.shell import Crumb, fragment, page, person, staff

MOST_LISTED = 500
SHOWN_COPIES = 200
SHOWN_LINES = 400
DRIFTED = (DriftState.DRIFTED, DriftState.MISSING)


@require_safe
@staff("hosts.view_managedfile")
def listed(request: HttpRequest) -> HttpResponse:
    """All managed files with how many copies there are and how many drifted."""
    find = request.GET.get("q", "").strip()
    rows = ManagedFile.objects.visible_to(person(request)).select_related("organization")
    if find:
        rows = rows.filter(Q(name__icontains=find) | Q(path__icontains=find))
    rows = rows.annotate(
        copy_count=Count("copies", distinct=True),
        drifted_count=Count("copies", filter=Q(copies__state__in=DRIFTED), distinct=True),
    )
    context = {"rows": list(rows.order_by("name")[:MOST_LISTED]), "find": find}
    return page(request, "hosts/managed_list.html", context, title=_("Managed files"))


@require_safe
@staff("hosts.view_managedfile")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The text, where it goes, and what is known of each copy."""
    managed = _loaded(request, pk)
    copies = copies_of(managed, person(request), most=SHOWN_COPIES)
    changes = Change.objects.visible_to(person(request)).filter(files__managed_file=managed).distinct()
    context = {
        "managed": managed,
        "copies": copies,
        "target_count": managed.targets().visible_to(person(request)).count(),
        "behind_count": sum(copy.is_behind for copy in copies),
        "drifted_count": sum(copy.is_drifted for copy in copies),
        "review": None if managed.is_secret else review(
            None, managed.body.read(), managed.path, wide=False, most=SHOWN_LINES
        ),
        "changes": list(changes.select_related("host").order_by("-pk")[:8]),
    }  # fmt: skip
    return page(request, "hosts/managed.html", context, title=managed.name, crumbs=_crumbs())


@require_http_methods(["GET", "POST"])
@staff("hosts.add_managedfile")
def new(request: HttpRequest) -> HttpResponse:
    """The empty form; kept, it leads to the file."""
    return _form(request, ManagedFile())


@require_http_methods(["GET", "POST"])
@staff("hosts.change_managedfile")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a file. No host is touched by keeping it."""
    return _form(request, _loaded(request, pk))


@require_safe
@staff("hosts.view_managedfile")
def hosts(request: HttpRequest) -> HttpResponse:
    """Hosts to be picked."""
    return host_picks(request)


@require_POST
@staff("hosts.view_managedfile")
def preview(request: HttpRequest) -> HttpResponse:
    """The typed text as it would be on a chosen host, and what each variable stands for there. Nothing is kept."""
    user = person(request)
    visible = Host.objects.visible_to(user).select_related("organization")
    wanted = request.POST.get("preview_host", "")
    picked = [pk for pk in request.POST.getlist("host") if pk.isdecimal()]
    host = visible.filter(pk=wanted).first() if wanted.isdecimal() else None
    host = host or visible.filter(pk__in=picked).order_by("name").first() or visible.order_by("name").first()
    context: dict[str, Any] = {"host": host, "hosts": list(visible.filter(pk__in=picked).order_by("name")[:50])}
    if host is None:
        return fragment(request, "hosts/_managed_preview.html", context)
    content = request.POST.get("content", "").replace("\r\n", "\n").encode()
    try:
        own = ManagedFileForm.base_fields["variables"].clean(request.POST.get("variables", ""))
        values = service.values_of(host, ManagedFile(variables=own))
        context["values"] = sorted(values.items())
        filled = variables.filled(content, values)
        path = request.POST.get("path", "")
        context["plain"] = review(None, filled, path, wide=False, most=SHOWN_LINES)
    except (Explainable, ValidationError) as error:
        context["problem"] = words_of(error)
    return fragment(request, "hosts/_managed_preview.html", context)


@require_POST
@staff("hosts.plan_change", "hosts.view_managedfile")
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """A change for each of its hosts, or for those whose copy is behind."""
    managed = _loaded(request, pk)
    user = person(request)
    hosts = list(managed.targets().visible_to(user).select_related("organization").order_by("name"))
    if request.POST.get("only") == "behind":
        behind = {copy.host.pk for copy in copies_of(managed, user, most=len(hosts)) if copy.is_behind}
        hosts = [host for host in hosts if host.pk in behind]
    try:
        with transaction.atomic():
            made = plan_for_hosts(
                hosts,
                lambda host: service.propose_managed_file(managed, host),
                by=actor(request),
                source=Source.MANAGED_FILE,
                managed=managed,
            )
            for change in [made] if isinstance(made, Change) else made.changes.all():
                compare_change.delay_on_commit(change.pk)
    except Explainable as error:
        messages.error(request, words_of(error))
        return redirect(managed)
    return redirect(made)


@require_POST
@staff("hosts.delete_managedfile")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop keeping the file in the panel; the copies on hosts stay."""
    managed = _loaded(request, pk)
    name = managed.name
    service.delete_managed_file(managed, by=actor(request))
    messages.success(request, _("“%(name)s” is no longer kept. Its copies stay on their hosts.") % {"name": name})
    return redirect("hosts:managed-file-list")


@require_POST
@staff("hosts.change_managedfile")
def drop_own(request: HttpRequest, pk: int) -> HttpResponse:
    """A host gives up its own version; the next change brings it the common text."""
    user = person(request)
    rows = Override.objects.filter(
        host__in=Host.objects.visible_to(user), managed_file__in=ManagedFile.objects.visible_to(user)
    )
    row = get_object_or_404(rows.select_related("managed_file", "host__organization"), pk=pk)
    service.drop_override(row, by=actor(request))
    said = _("%(host)s gets the common text with the next change.")
    messages.success(request, said % {"host": row.host.name})
    return redirect(row.managed_file)


def _form(request: HttpRequest, managed: ManagedFile) -> HttpResponse:
    user = person(request)
    if request.method == "POST":
        form = ManagedFileForm(request.POST, instance=managed, user=user)
        if form.is_valid() and _kept(request, form):
            behind = sum(copy.is_behind for copy in copies_of(managed, user, most=SHOWN_COPIES))
            said = ngettext(
                "Kept. %(n)d host has another text until you plan a change.",
                "Kept. %(n)d hosts have another text until you plan a change.",
                behind,
            )
            messages.success(request, said % {"n": behind} if behind else _("Kept. No host was touched."))
            return redirect(form.instance)
        typed = [pk for pk in request.POST.getlist("host") if pk.isdecimal()]
        picked = list(Host.objects.visible_to(user).filter(pk__in=typed).order_by("name"))
        tags = request.POST.getlist("tag")
    else:
        form = ManagedFileForm(instance=managed, user=user)
        picked = list(managed.hosts.visible_to(user).order_by("name")) if managed.pk else []
        tags = [str(pk) for pk in form.initial.get("tag", [])]
    title = _("Edit %(name)s") % {"name": managed.name} if managed.pk else _("Keep a file for many hosts")
    wrong = sum(len(errors) for errors in form.errors.values())
    context = {"form": form, "managed": managed, "picked": picked, "chosen_tags": tags, "wrong": wrong}
    status = 422 if wrong else 200
    return page(request, "hosts/managed_form.html", context, title=title, crumbs=_crumbs(), status=status)


def _kept(request: HttpRequest, form: ManagedFileForm) -> bool:
    content = form.new_content
    try:
        service.save_managed_file(
            form.instance,
            by=actor(request),
            content=content if content is not None or form.instance.pk else b"",
            hosts=form.cleaned_data["host"],
            tags=form.cleaned_data["tag"],
        )
    except ValidationError as error:
        form.add_error(None, error)
        return False
    except BadInput as error:
        form.add_error(error.field if error.field in form.fields else None, words_of(error))
        return False
    return True


def _loaded(request: HttpRequest, pk: int) -> ManagedFile:
    rows = ManagedFile.objects.visible_to(person(request)).select_related("organization", "body")
    managed = rows.prefetch_related("tags").filter(pk=pk).first()
    if managed is None:
        raise Http404(_("There is no managed file with this number, or it belongs to another organization."))
    return managed


def _crumbs() -> tuple[Crumb, ...]:
    return (Crumb(_("Managed files"), reverse("hosts:managed-file-list")),)
