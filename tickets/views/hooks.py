"""What other programs were told and what they said in; the log of it, and calls made again, out."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.permissions import actor
from hosts.views.keyset import keyset_page
from hosts.views.shell import Crumb, back_to, page, staff
from tickets.choices import OutgoingState
from tickets.forms.people import WebhookForm
from tickets.models import Webhook, WebhookDelivery
from tickets.services import webhooks
from tickets.tasks.hooks import call_webhooks

PAGE_SIZE = 50
TABS = (
    ("all", gettext_lazy("All of them")),
    ("failed", gettext_lazy("Not delivered")),
    ("waiting", gettext_lazy("Waiting")),
    ("sent", gettext_lazy("Sent")),
)
STATES = {
    "failed": (OutgoingState.FAILED, OutgoingState.HELD),
    "waiting": (OutgoingState.WAITING, OutgoingState.SENDING),
    "sent": (OutgoingState.SENT,),
}


@require_safe
@staff("tickets.view_webhookdelivery")
def log(request: HttpRequest) -> HttpResponse:
    """What were other programs told, and did they hear it?"""
    tab = request.GET.get("tab", "all")
    hook = request.GET.get("hook", "")
    rows = WebhookDelivery.objects.select_related("webhook").defer("payload", "webhook__secret")
    if tab in STATES:
        rows = rows.filter(state__in=STATES[tab])
    chosen = Webhook.objects.defer("secret").filter(pk=int(hook)).first() if _is_key(hook) else None
    if chosen is not None:
        rows = rows.filter(webhook=chosen)
    shown = keyset_page(
        rows,
        "id",
        descending=True,
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
        size=PAGE_SIZE,
    )
    labels = dict(WebhookForm.base_fields["events"].choices)  # type: ignore[attr-defined]
    context = {
        "shown": shown,
        "lines": [(row, labels.get(row.event, row.event)) for row in shown.rows],
        "tabs": TABS,
        "tab": tab if tab in STATES else "all",
        "hook": chosen,
        "may_send": request.user.is_superuser,
    }
    return page(request, "tickets/hooks.html", context, title=_("Webhook log"), crumbs=(_crumb(),))


@require_safe
@staff("tickets.view_webhookdelivery")
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """What one of them was told, word by word."""
    rows = WebhookDelivery.objects.select_related("webhook").defer("webhook__secret")
    found = get_object_or_404(rows, pk=pk)
    crumbs = (_crumb(), Crumb(_("Webhook log"), reverse("tickets:hooks")))
    context = {"delivery": found, "may_send": request.user.is_superuser}
    return page(request, "tickets/hook.html", context, title=f"{found.webhook} {found.pk}", crumbs=crumbs)


@require_POST
@staff("tickets.view_webhookdelivery")
def send_again(request: HttpRequest) -> HttpResponse:
    """Make the ticked calls again, each on its own."""
    keys = [int(pk) for pk in request.POST.getlist("delivery") if _is_key(pk)]
    done = 0
    for row in WebhookDelivery.objects.filter(pk__in=keys[:PAGE_SIZE]).order_by("pk"):
        try:
            webhooks.send_again(row, by=actor(request))
            done += 1
        except Explainable as error:
            messages.error(request, words_of(error))
            break
    if done:
        call_webhooks.delay_on_commit()
        messages.info(request, ngettext("%(n)d call is made again.", "%(n)d calls are made again.", done) % {"n": done})
    return redirect(back_to(request, "tickets:hooks"))


def _crumb() -> Crumb:
    return Crumb(_("Webhooks"), reverse("admin:tickets_webhook_changelist"))


def _is_key(text: str) -> bool:
    return text.isdecimal() and len(text) < 19
