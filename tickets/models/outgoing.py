"""What goes out, and the words that it is made from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hosts.models.words import WordsField
from tickets.choices import MailKind, OutgoingState
from tickets.facts.outgoing import Letter, LetterFile
from tickets.models.contact import Contact
from tickets.models.house import Agent, TemplateSet
from tickets.models.mail import Mailbox
from tickets.models.thread import Attachment, Entry
from tickets.models.ticket import Ticket


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    """Outgoing mails by what one asks about them."""

    def waiting(self, now: datetime) -> Self:
        """Those that a worker may take now."""
        return self.filter(state=OutgoingState.WAITING, next_try_at__lte=now)

    def silent(self, since: datetime) -> Self:
        """Those whose worker has not been heard of since then."""
        return self.filter(state=OutgoingState.SENDING).filter(Q(heartbeat_at=None) | Q(heartbeat_at__lte=since))


class OutgoingMail(models.Model):
    """One mail to one address, written in the transaction of what it tells of, whole and ready to be sent."""

    kind = models.CharField(_("kind"), max_length=32, choices=MailKind)
    ticket = models.ForeignKey(Ticket, models.CASCADE, null=True, related_name="outgoing")
    entry = models.ForeignKey(Entry, models.CASCADE, null=True, related_name="outgoing")
    note = models.ForeignKey(
        Entry, models.SET_NULL, null=True, related_name="+", help_text="what was said with it, whose files go along"
    )
    mailbox = models.ForeignKey(Mailbox, models.SET_NULL, null=True, related_name="+")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+")
    agent = models.ForeignKey(Agent, models.SET_NULL, null=True, related_name="+")
    to_email = models.CharField(_("to"), max_length=254)
    to_name = models.CharField(max_length=254, blank=True)
    from_name = models.CharField(max_length=254, blank=True)
    from_email = models.CharField(_("from"), max_length=254, blank=True)
    subject = models.CharField(_("subject"), max_length=998)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict)
    message_id = models.CharField(max_length=998, blank=True)
    carries_attachments = models.BooleanField(default=False)
    is_automatic = models.BooleanField(default=False)
    state = models.CharField(_("state"), max_length=16, choices=OutgoingState, default=OutgoingState.WAITING)
    why = WordsField(_("why"), blank=True)
    claim = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")
        indexes = [
            models.Index(fields=["state", "next_try_at"], name="tickets_out_to_send"),
            models.Index(Lower("to_email"), "is_automatic", "created_at", name="tickets_out_for_the_cap"),
            models.Index(fields=["entry"], name="tickets_out_by_entry"),
            models.Index(fields=["message_id"], name="tickets_out_by_message_id"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.to_email}"

    def letter(self) -> Letter:
        """What goes out, with the files of its entry and of the note to it read from disk."""
        headers = self.headers
        return Letter(
            from_email=self.from_email,
            from_name=self.from_name,
            to_email=self.to_email,
            to_name=self.to_name,
            subject=self.subject,
            text=self.text,
            html=self.html,
            message_id=self.message_id,
            date=self.created_at,
            in_reply_to=headers.get("In-Reply-To", ""),
            references=tuple(headers.get("References", "").split()),
            automatic=headers.get("Auto-Submitted", ""),
            language=headers.get("Content-Language", ""),
            files=tuple(self._files()),
        )

    def _files(self) -> Iterator[LetterFile]:
        if self.carries_attachments and self.entry is not None:
            keys = [key for key in (self.entry_id, self.note_id) if key is not None]
            for row in Attachment.objects.filter(entry__in=keys).select_related("file").order_by("pk"):
                yield LetterFile(row.name, row.content_type, row.file.read(), row.is_inline, row.content_id)


class MailTemplate(models.Model):
    """The words of one kind of mail in one language, in the variable language of `render.variables`."""

    templates = models.ForeignKey(TemplateSet, models.CASCADE, related_name="mails", verbose_name=_("template set"))
    kind = models.CharField(_("kind"), max_length=32, choices=MailKind)
    language = models.CharField(_("language"), max_length=8)
    subject = models.CharField(_("subject"), max_length=255)
    body = models.TextField(_("text"))

    class Meta:
        verbose_name = _("mail template")
        verbose_name_plural = _("mail templates")
        constraints = [
            models.UniqueConstraint("templates", "kind", "language", name="tickets_template_once_per_language")
        ]

    def __str__(self) -> str:
        return f"{self.templates} {self.kind} ({self.language})"
