"""The lines of a thread in, its entries and events as HTML out. Not a template: fifty of sixty pieces each are many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django import template
from django.template.defaultfilters import truncatechars
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext, pgettext

from hosts.templatetags.machines import words
from hosts.templatetags.panel import ago, icon, size
from tickets.choices import EntryKind, OutgoingState
from tickets.models import Entry, Event, OutgoingMail, Ticket
from tickets.templatetags.addresses import Addresses
from tickets.templatetags.bodies import Body, Piece, body_of
from tickets.templatetags.desk import in_words, initial, mail_label, mail_tone_name, side
from tickets.templatetags.happened import words_of_event

register = template.Library()

NOTHING = mark_safe("")
LONGEST_WHY = 120
NOT_ARRIVED = (OutgoingState.FAILED, OutgoingState.BOUNCED)
ENTRY = (
    '<article class="entry {side}{new}" id="entry-{pk}"><span class="face" aria-hidden="true">{face}</span>'
    '<div class="bubble"><header>{head}</header>{title}{pictures}<div class="said {kind}"{language}>{said}</div>{files}'
    '<div id="versions-{pk}" class="versions"></div>{foot}</div></article>'
)
BUTTON = '<button type="button" class="plain" {}="{}">{}</button>'
FETCHES = '<button type="button" class="plain" hx-get="{}" hx-target="#dialogs">{}</button>'


class ThreadLine(Protocol):
    """An entry with the mails that carry it, or an event."""

    @property
    def at(self) -> datetime: ...

    @property
    def entry(self) -> Entry | None: ...

    @property
    def event(self) -> Event | None: ...

    @property
    def mails(self) -> Sequence[OutgoingMail]: ...

    @property
    def is_new(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Frame:
    """What is the same for all lines of a thread."""

    ticket: Ticket
    may: Mapping[str, bool]
    pictures: str
    is_preview: bool
    of_agent: Addresses
    of_contact: Addresses
    of_file: Addresses
    entries: str

    def address(self, entry: Entry, page: str) -> str:
        """One of the pages of an entry, which all begin alike."""
        return f"{self.entries}{entry.pk}/{page}"


@register.simple_tag
def thread_lines(
    lines: Iterable[ThreadLine],
    ticket: Ticket,
    may: Mapping[str, bool],
    pictures: object = "",
    *,
    preview: bool = False,
    begins: bool = True,
) -> SafeString:
    """The lines in their order. `pictures` is the key of the entry whose pictures were asked for. In a `preview`
    nothing can be done with an entry; `begins`: the first of them is the first that is shown.
    """
    frame = _Frame(
        ticket=ticket,
        may=may,
        pictures=str(pictures),
        is_preview=preview,
        of_agent=Addresses("tickets:agent-card"),
        of_contact=Addresses("tickets:contact-card"),
        of_file=Addresses("tickets:attachment"),
        entries=reverse("tickets:entry", args=[ticket.number, 0]).removesuffix("0/"),
    )
    drawn = (_line(frame, line, is_first=begins and number == 0) for number, line in enumerate(lines))
    return mark_safe("\n".join(drawn))  # noqa: S308  (format_html made each)


def _line(frame: _Frame, line: ThreadLine, *, is_first: bool) -> SafeString:
    if line.entry is not None:
        return _entry(frame, line, line.entry, is_first=is_first)
    if line.event is None:
        return NOTHING
    event = line.event
    return format_html('<div class="event"><span>{} · {}</span></div>', words_of_event(event), ago(event.at))


def _entry(frame: _Frame, line: ThreadLine, entry: Entry, *, is_first: bool) -> SafeString:
    said = body_of(entry, pictures=frame.pictures == str(entry.pk))
    has_title = entry.title and entry.title != frame.ticket.subject
    return format_html(
        ENTRY,
        side=side(entry),
        new=" is-new" if line.is_new else "",
        pk=str(entry.pk),
        face=initial(entry.author_name),
        head=_joined(_head(frame, line, entry, is_first=is_first)),
        title=format_html('<div class="title-line"><b>{}</b></div>', entry.title) if has_title else NOTHING,
        pictures=_pictures(frame, entry, said.waiting_pictures),
        kind="html" if said.is_html else "text",
        language=format_html(' lang="{}"', entry.language) if entry.language else NOTHING,
        said=_said(said),
        files=_files(frame, entry),
        foot=NOTHING if frame.is_preview else _foot(line, entry),
    )


def _head(frame: _Frame, line: ThreadLine, entry: Entry, *, is_first: bool) -> Iterator[SafeString]:
    yield format_html("<b{}>{}</b>", _card(frame, entry), entry.author_name or entry.author_email)
    yield format_html('<span class="soft">{}</span>', _way(line, entry))
    if entry.forwarded_to:
        to = ", ".join(entry.forwarded_to)
        yield format_html('<span class="soft">{} {}</span>', gettext("forwarded to"), to)
    if entry.is_automatic:
        yield format_html('<span class="tag">{}</span>', gettext("written by a program"))
    if entry.is_stranger:
        why = gettext("Somebody who did not take part in this ticket wrote it.")
        yield format_html('<span class="tag warn" title="{}">{}</span>', why, gettext("stranger"))
    if entry.home_id != frame.ticket.pk:
        number = gettext("from ticket %(number)s") % {"number": getattr(entry, "home_number", "")}
        yield format_html('<span class="tag">{}</span>', number)
    if not frame.is_preview:
        acts = _joined(_acts(frame, entry, is_first=is_first), "")
        yield format_html('<span class="entry-acts">{}</span>', acts)
    yield format_html('<span class="when soft">{}{}</span>', ago(entry.posted_at), _edited(frame, entry))


def _card(frame: _Frame, entry: Entry) -> SafeString:
    if entry.agent_id is not None:
        return format_html(' data-card="{}"', frame.of_agent(entry.agent_id))
    return format_html(' data-card="{}"', frame.of_contact(entry.contact_id)) if entry.contact_id else NOTHING


def _way(line: ThreadLine, entry: Entry) -> str:
    """Whom it went to, or where it came from."""
    if entry.kind == EntryKind.NOTE:
        return gettext("internal note")
    if entry.kind == EntryKind.MESSAGE:
        return entry.author_email if entry.author_email != entry.author_name else ""
    names = ", ".join(mail.to_name or mail.to_email for mail in line.mails)
    return f"{pgettext('recipient', 'to')} {names}" if names else ""


def _acts(frame: _Frame, entry: Entry, *, is_first: bool) -> Iterator[SafeString]:
    may = frame.may
    if may.get("reply"):
        yield format_html(BUTTON, "data-quotes", f"entry-{entry.pk}", gettext("Quote"))
    if may.get("forward"):
        yield format_html(BUTTON, "data-forwards", str(entry.pk), gettext("Forward"))
    if may.get("edit-thread"):
        yield format_html(FETCHES, frame.address(entry, "edit/form/"), gettext("Edit"))
    if may.get("merge") and entry.kind == EntryKind.MESSAGE and not is_first:
        yield format_html(FETCHES, frame.address(entry, "split/form/"), gettext("Split from here"))


def _edited(frame: _Frame, entry: Entry) -> SafeString:
    if entry.edited_at is None:
        return NOTHING
    shows = ' · <button type="button" class="plain" hx-get="{}" hx-target="#versions-{}">{}</button>'
    return format_html(shows, frame.address(entry, "versions/"), str(entry.pk), gettext("edited"))


def _pictures(frame: _Frame, entry: Entry, count: int) -> SafeString:
    """That pictures wait, and the button that shows them."""
    if not count or frame.is_preview:
        return NOTHING
    said = ngettext(
        "%(n)s picture is not shown, so that its sender does not learn that you look.",
        "%(n)s pictures are not shown, so that their sender does not learn that you look.",
        count,
    )
    return format_html(
        '<div class="pictures-bar">{}<span>{}</span><a class="btn small" href="?pictures={pk}#entry-{pk}" hx-get="{}"'
        ' hx-target="closest article" hx-swap="outerHTML">{}</a></div>',
        icon("image"),
        said % {"n": count},
        frame.address(entry, "?pictures=1"),
        gettext("Show pictures"),
        pk=str(entry.pk),
    )


def _said(said: Body) -> SafeString:
    if not said.pieces:
        return format_html('<p class="soft">{}</p>', gettext("There is no text in it."))
    shown = _joined(map(_piece, said.pieces), "")
    if not said.is_cut:
        return shown
    why = gettext("The rest is too long to be shown here; the whole mail can be downloaded.")
    return format_html('{}<p class="soft">{}</p>', shown, why)


def _piece(piece: Piece) -> SafeString:
    shown = format_html('<div class="part">{}</div>', piece.html)
    if not piece.is_folded:
        return shown
    folded = '<details class="quoted"><summary>{}</summary>{}</details>'
    return format_html(folded, gettext("··· quoted text"), shown)


def _files(frame: _Frame, entry: Entry) -> SafeString:
    files = entry.attachments.all()
    if not files:
        return NOTHING
    drawn = '<a href="{}" download="{}" title="{}">{}{} <span class="soft">{}</span></a>'
    sign = icon("attach_file")
    rows = ((frame.of_file(one.pk), one.name, one.content_type, sign, one.name, size(one.file.size)) for one in files)
    return format_html('<div class="files">{}</div>', format_html_join("", drawn, rows))


def _foot(line: ThreadLine, entry: Entry) -> SafeString:
    """What became of the mails that carry it, and the minutes it took."""
    if not line.mails and not entry.minutes_spent:
        return NOTHING
    parts = [_delivery(mail) for mail in line.mails]
    if entry.minutes_spent:
        parts.append(format_html('<span class="soft">{}</span>', in_words(entry.minutes_spent)))
    return format_html("<footer>{}</footer>", _joined(parts))


def _delivery(mail: OutgoingMail) -> SafeString:
    tone, why = mail_tone_name(mail.state), words(mail.why) if mail.why else ""
    when, trouble = NOTHING, ""
    if mail.state == OutgoingState.SENT and mail.sent_at:
        when = format_html(" {}", ago(mail.sent_at))
    if mail.state in NOT_ARRIVED:
        trouble = f": {mail.to_email}" + (f", {truncatechars(why, LONGEST_WHY)}" if why else "")
    return format_html(
        '<span class="delivery {}" title="{}"><i class="dot {}"></i>{}{}{}</span>',
        tone,
        f"{mail.to_email}: {why}" if why else mail.to_email,
        tone,
        mail_label(mail.state),
        when,
        trouble,
    )


def _joined(parts: Iterable[SafeString], between: str = "\n") -> SafeString:
    return mark_safe(between.join(parts))  # noqa: S308  (each is safe, and so is what is between)
