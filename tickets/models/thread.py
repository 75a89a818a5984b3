"""What is said in a ticket, and what happens between."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hosts.models import User
from tickets.choices import EntryKind, EventKind, TicketSource
from tickets.models.contact import Contact
from tickets.models.house import Agent
from tickets.models.stored import StoredFile
from tickets.models.ticket import Ticket


class Entry(models.Model):
    """A message, a response or a note. `home` is the ticket it was written in, which a merge does not change.

    `text` is whole; `folds` are [start, end, kind] of what is folded. `html` is sanitised, "" where there is none.
    """

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="entries")
    home = models.ForeignKey(Ticket, models.CASCADE, related_name="home_entries")
    kind = models.CharField(_("kind"), max_length=16, choices=EntryKind)
    source = models.CharField(_("came by"), max_length=16, choices=TicketSource)
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="entries")
    agent = models.ForeignKey(Agent, models.SET_NULL, null=True, blank=True, related_name="entries")
    author_name = models.CharField(_("from"), max_length=254)
    author_email = models.CharField(max_length=254, blank=True)
    is_stranger = models.BooleanField(default=False, help_text="somebody who did not take part wrote it")
    is_automatic = models.BooleanField(default=False, help_text="a program wrote it")
    title = models.CharField(_("title"), max_length=255, blank=True)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(blank=True)
    folds = models.JSONField(default=list)
    html_folds = models.JSONField(default=list)
    language = models.CharField(max_length=8, blank=True)
    message_id = models.CharField(max_length=998, blank=True, editable=False)
    reply_to = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="answers")
    forwarded_to = models.JSONField(default=list)
    minutes_spent = models.PositiveIntegerField(_("minutes spent"), default=0)
    posted_at = models.DateTimeField(_("at"), default=timezone.now)
    edited_at = models.DateTimeField(_("edited"), null=True)

    class Meta:
        verbose_name = _("thread entry")
        verbose_name_plural = _("thread entries")
        indexes = [
            models.Index(fields=["ticket", "id"], name="tickets_entry_by_ticket"),
            models.Index(fields=["message_id"], condition=~Q(message_id=""), name="tickets_entry_by_message_id"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket} {self.author_name}"


class EntryVersion(models.Model):
    """How an entry read before somebody edited it."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="versions")
    text = models.TextField()
    html = models.TextField(blank=True)
    replaced_at = models.DateTimeField(default=timezone.now)
    replaced_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("earlier version")
        verbose_name_plural = _("earlier versions")

    def __str__(self) -> str:
        return str(self.entry)


class Attachment(models.Model):
    """A file at an entry. `content_type` is what the sender claims; it is never served as that."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="attachments")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="attachments")
    name = models.CharField(_("name"), max_length=255)
    content_type = models.CharField(max_length=127, default="application/octet-stream")
    is_inline = models.BooleanField(default=False)
    content_id = models.CharField(max_length=998, blank=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """Something that happened to a ticket; a thin line in its thread. `data` is JSON that the page puts into words."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=16, choices=EventKind)
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    actor_name = models.CharField(max_length=254)
    data: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("ticket event")
        verbose_name_plural = _("ticket events")
        indexes = [
            models.Index(fields=["ticket", "id"], name="tickets_event_by_ticket"),
            models.Index(fields=["kind", "at"], name="tickets_event_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket}: {self.kind}"
