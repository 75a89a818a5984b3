"""What came in and could not become a ticket, what could not be sent, how the mailboxes do; and trying again."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.permissions import actor
from hosts.views.keyset import keyset_page
from hosts.views.shell import Crumb, back_to, fragment, page, person, staff, wants_fragment
from tickets.choices import IncomingState, OutgoingState
from tickets.models import IncomingMail, Mailbox, OutgoingMail, Ticket
from tickets.services import incoming, mailboxes, outbox
from tickets.tasks import send
from tickets.tasks.fetch import test_mailbox
from tickets.tasks.intake import take_in_waiting
from tickets.views.files import download

PAGE_SIZE = 50
STUCK = (OutgoingState.FAILED, OutgoingState.BOUNCED, OutgoingState.HELD)
ON_THE_WAY = (OutgoingState.WAITING, OutgoingState.SENDING)
IN_TABS = (
    (IncomingState.QUARANTINED, gettext_lazy("Quarantine")),
    (IncomingState.REJECTED, gettext_lazy("Rejected")),
    (IncomingState.IGNORED, gettext_lazy("Ignored")),
    (IncomingState.KEPT, gettext_lazy("Waiting")),
)
OUT_TABS = (
    ("stuck", gettext_lazy("Not delivered")),
    ("waiting", gettext_lazy("Waiting")),
    ("sent", gettext_lazy("Sent")),
)


@require_safe
@staff("tickets.view_incomingmail")
def quarantine(request: HttpRequest) -> HttpResponse:
    """Which mails became no ticket, and why?"""
    wanted = request.GET.get("state", IncomingState.QUARANTINED)
    state = wanted if wanted in dict(IN_TABS) else IncomingState.QUARANTINED
    rows = _mails(request).filter(state=state).select_related("mailbox", "raw")
    shown = keyset_page(
        rows,
        "id",
        descending=True,
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
        size=PAGE_SIZE,
    )
    context = {"shown": shown, "tabs": IN_TABS, "tab": state}
    return page(request, "tickets/quarantine.html", context, title=_("Quarantine"))


@require_safe
@staff("tickets.view_incomingmail")
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail as it came: why it is here, the trace of what failed, and what to do."""
    found = get_object_or_404(_mails(request).select_related("mailbox", "raw", "ticket"), pk=pk)
    context = {"mail": found, "may_run": found.state in incoming.TO_RUN_AGAIN}
    crumbs = (Crumb(_("Quarantine"), f"{reverse('tickets:quarantine')}?state={found.state}"),)
    return page(request, "tickets/mail.html", context, title=found.subject or _("(no subject)"), crumbs=crumbs)


@require_safe
@staff("tickets.view_incomingmail")
def raw(request: HttpRequest, pk: int) -> FileResponse:
    """The bytes of a mail, as a download of no type."""
    found = get_object_or_404(_mails(request).select_related("raw"), pk=pk)
    return download(found.raw, f"mail-{found.pk}.eml")


@require_POST
@staff("tickets.change_incomingmail")
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a worker read the mail once more, or decide that it belongs nowhere."""
    found = get_object_or_404(_mails(request), pk=pk)
    try:
        if request.POST.get("do") == "discard":
            incoming.discard_mail(found, by=actor(request))
            messages.success(request, _("The mail is ignored. Its bytes are kept."))
        else:
            incoming.run_again(found, by=actor(request))
            take_in_waiting.delay_on_commit()
            messages.info(request, _("A worker reads the mail again."))
    except Explainable as error:
        messages.error(request, words_of(error))
    return redirect(back_to(request, "tickets:mail", pk))


@require_safe
@staff("tickets.view_mailbox")
def boxes(request: HttpRequest) -> HttpResponse:
    """Do our mailboxes work?"""
    rows = list(Mailbox.objects.select_related("department").order_by("-is_active", "address"))
    context = {
        "boxes": rows,
        "held": IncomingMail.objects.filter(state=IncomingState.QUARANTINED).order_by()[:100].count(),
        "stuck": OutgoingMail.objects.filter(state__in=STUCK).order_by()[:100].count(),
        "is_testing": any(row.test_asked_at and not row.test_done_at for row in rows),
        "now": timezone.now(),
    }
    if wants_fragment(request):
        return fragment(request, "tickets/_boxes.html", context, is_at_end=not context["is_testing"])
    return page(request, "tickets/boxes.html", context, title=_("Mailboxes"))


@require_POST
@staff("tickets.view_mailbox", "tickets.change_mailbox")
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a connection test; its steps appear on the page."""
    found = get_object_or_404(Mailbox, pk=pk)
    mailboxes.ask_for_test(found, by=actor(request))
    test_mailbox.delay_on_commit(found.pk)
    messages.info(request, _("Testing %(address)s. The steps appear here.") % {"address": found})
    return redirect("tickets:boxes")


@require_safe
@staff("tickets.view_outgoingmail")
def sent(request: HttpRequest) -> HttpResponse:
    """Which mails did not arrive?"""
    tab = request.GET.get("tab", "stuck")
    states = {"waiting": ON_THE_WAY, "sent": (OutgoingState.SENT,)}.get(tab, STUCK)
    rows = _outgoing(request).filter(state__in=states).select_related("ticket", "mailbox").defer("text", "html")
    shown = keyset_page(
        rows,
        "id",
        descending=True,
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
        size=PAGE_SIZE,
    )
    context = {"shown": shown, "tabs": OUT_TABS, "tab": tab if tab in dict(OUT_TABS) else "stuck"}
    return page(request, "tickets/outbox.html", context, title=_("Outbox"))


@require_POST
@staff("tickets.view_outgoingmail", "tickets.change_outgoingmail")
def send_again(request: HttpRequest) -> HttpResponse:
    """Try the ticked mails again, each on its own."""
    keys = [int(pk) for pk in request.POST.getlist("mail") if pk.isdecimal() and len(pk) < 19]
    done = 0
    for found in _outgoing(request).filter(pk__in=keys):
        try:
            outbox.send_again(found, by=actor(request))
            done += 1
        except Explainable as error:
            messages.error(request, words_of(error))
    if done:
        send.wake()
        messages.info(request, _("%(n)d mails are tried again.") % {"n": done})
    return redirect(back_to(request, "tickets:outbox"))


def _mails(request: HttpRequest) -> QuerySet[IncomingMail]:
    """Mail that is in no ticket belongs to nobody yet; what is in one is for those who may see that."""
    seen = Ticket.objects.within_reach_of(person(request))
    return IncomingMail.objects.filter(Q(ticket=None) | Q(ticket__in=seen))


def _outgoing(request: HttpRequest) -> QuerySet[OutgoingMail]:
    seen = Ticket.objects.within_reach_of(person(request))
    return OutgoingMail.objects.filter(Q(ticket=None) | Q(ticket__in=seen))
