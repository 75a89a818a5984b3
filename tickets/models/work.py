"""What agents work with: drafts, canned responses, tasks, queues of their own, and hooks for other programs."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hosts.models import User
from hosts.models.sealed import SealedField
from hosts.models.words import WordsField
from tickets.choices import EntryKind, OutgoingState
from tickets.models.house import Agent, Department, Team
from tickets.models.stored import StoredFile
from tickets.models.ticket import Ticket


class Draft(models.Model):
    """What an agent has typed and not sent; saved while typing."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="drafts")
    ticket = models.ForeignKey(Ticket, models.CASCADE, null=True, related_name="drafts")
    kind = models.CharField(max_length=16, choices=EntryKind)
    text = models.TextField()
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [models.UniqueConstraint("agent", "ticket", "kind", name="tickets_draft_once")]

    def __str__(self) -> str:
        return f"{self.ticket} {self.kind}"


class CannedResponse(models.Model):
    """A text for answers that come again and again, in the variable language of mail templates."""

    title = models.CharField(_("title"), max_length=200, unique=True)
    department = models.ForeignKey(
        Department,
        models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("department"),
        help_text=_("None: for every department."),
    )
    text = models.TextField(_("text"))
    notes = models.TextField(_("notes"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    files = models.ManyToManyField(StoredFile, through="CannedFile", related_name="+")

    class Meta:
        verbose_name = _("canned response")
        verbose_name_plural = _("canned responses")

    def __str__(self) -> str:
        return self.title


class CannedFile(models.Model):
    """A file that goes with a canned response."""

    canned = models.ForeignKey(CannedResponse, models.CASCADE, related_name="attached")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=255)
    content_type = models.CharField(max_length=127, default="application/octet-stream")

    class Meta:
        verbose_name = _("file of a canned response")
        verbose_name_plural = _("files of canned responses")

    def __str__(self) -> str:
        return self.name


class Task(models.Model):
    """A piece of work on a ticket; a ticket with an open one is not resolved."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="tasks")
    title = models.CharField(_("title"), max_length=255)
    text = models.TextField(_("text"), blank=True)
    department = models.ForeignKey(Department, models.PROTECT, related_name="tasks", verbose_name=_("department"))
    agent = models.ForeignKey(
        Agent, models.SET_NULL, null=True, blank=True, related_name="tasks", verbose_name=_("agent")
    )
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="tasks", verbose_name=_("team"))
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    is_overdue = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    closed_at = models.DateTimeField(_("done"), null=True, editable=False)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        indexes = [
            models.Index(fields=["ticket", "id"], name="tickets_task_by_ticket"),
            models.Index(
                fields=["agent", "due_at"], condition=Q(closed_at__isnull=True), name="tickets_task_open_by_agent"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class SavedQueue(models.Model):
    """A queue that somebody made: filters as {field: value}, columns and sort by name."""

    name = models.CharField(_("name"), max_length=100)
    owner = models.ForeignKey(Agent, models.CASCADE, related_name="queues", verbose_name=_("owner"))
    is_shared = models.BooleanField(_("for everybody"), default=False)
    filters: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    columns: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    sort = models.CharField(max_length=32, default="-active_at")

    class Meta:
        verbose_name = _("saved queue")
        verbose_name_plural = _("saved queues")
        constraints = [models.UniqueConstraint("owner", "name", name="tickets_queue_name_once")]

    def __str__(self) -> str:
        return self.name


class Webhook(models.Model):
    """An address of another program that is told what happens. Deliveries are signed with the secret."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    url = models.URLField(_("address"), max_length=500)
    secret = SealedField(editable=False)
    events: models.JSONField[list[str], list[str]] = models.JSONField(
        _("events"), default=list, help_text=_("Kinds of events; none is all.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", editable=False)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One event on its way to one webhook, and what the other side said."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=32)
    payload: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    state = models.CharField(_("state"), max_length=16, choices=OutgoingState, default=OutgoingState.WAITING)
    why = WordsField(_("why"), blank=True)
    status_code = models.PositiveSmallIntegerField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True)
    next_try_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        indexes = [models.Index(fields=["state", "next_try_at"], name="tickets_hook_to_send")]

    def __str__(self) -> str:
        return f"{self.webhook} {self.event}"
