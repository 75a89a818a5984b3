"""What a person says of a host's keys in; the keys pinned, refused or asked for again, and the host's page out."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hosts.choices import HostKeyState
from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.models import Host
from hosts.permissions import actor
from hosts.services import enrol
from hosts.tasks import enrol_host, read_facts
from hosts.views.host import host_of
from hosts.views.shell import back_to, staff


@require_POST
@staff("hosts.view_host")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept or refuse what was shown (`say`), or ask the host again. Deciding needs a permission of its own."""
    host = host_of(request, pk)
    say = request.POST.get("say", "")
    may = {"accept": "hosts.change_hostkey", "refuse": "hosts.change_hostkey", "ask": "hosts.change_host"}
    if say not in may:
        return redirect(host)
    if not request.user.has_perm(may[say]):
        raise PermissionDenied
    try:
        {"accept": _accept, "refuse": _refuse, "ask": _ask}[say](request, host)
    except Explainable as error:
        messages.error(request, words_of(error))
    return redirect(back_to(request, "hosts:host-detail", pk))


def _accept(request: HttpRequest, host: Host) -> None:
    """Pin the keys, but only those that the person has seen: one that came in meanwhile is shown first."""
    seen = set(request.POST.getlist("fingerprint"))
    offered = set(host.keys.filter(state=HostKeyState.OFFERED).values_list("fingerprint", flat=True))
    if offered - seen:
        messages.error(request, _("The host has shown another key meanwhile. Compare it, then decide again."))
        return
    with transaction.atomic():
        enrol.accept_keys(host, by=actor(request))
        read_facts.delay_on_commit(host.pk)
    messages.success(
        request,
        _("The key of %(name)s is accepted. From now on only this key is spoken to. Its facts are being read.")
        % {"name": host.name},
    )


def _refuse(request: HttpRequest, host: Host) -> None:
    enrol.refuse_keys(host, by=actor(request))
    words = _("The key is refused. %(name)s is not spoken to until you ask for its key again.")
    messages.warning(request, words % {"name": host.name})


def _ask(request: HttpRequest, host: Host) -> None:
    with transaction.atomic():
        enrol.ask_for_keys(host, by=actor(request))
        enrol_host.delay_on_commit(host.pk)
    messages.info(request, _("Asking %(name)s for its key. It appears here.") % {"name": host.name})
