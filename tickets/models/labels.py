"""What a ticket is filed under: its status, its priority, its help topic."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.choices import TicketState
from tickets.models.house import Agent, Department, Sequence, Sla, Team
from tickets.models.seeded import seeded


class Status(models.Model):
    """A house's own word for one of the five states."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    state = models.CharField(_("state"), max_length=16, choices=TicketState)
    is_first = models.BooleanField(_("taken where only the state is said"), default=False)
    can_reopen = models.BooleanField(_("a new message opens the ticket again"), default=True)
    is_shown_to_customers = models.BooleanField(_("customers see this word"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("status")
        verbose_name_plural = _("statuses")
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(is_first=True), name="tickets_one_first_status_per_state"
            )
        ]

    def __str__(self) -> str:
        return seeded(self.name)


class Priority(models.Model):
    """How urgent a ticket is: 1 is the most urgent."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    urgency = models.PositiveSmallIntegerField(_("urgency"), unique=True, help_text=_("1 comes first."))
    is_default = models.BooleanField(_("taken where none is said"), default=False)

    class Meta:
        verbose_name = _("priority")
        verbose_name_plural = _("priorities")
        ordering = ("urgency",)

    def __str__(self) -> str:
        return seeded(self.name)


class HelpTopic(models.Model):
    """What a request is about, and where that leads it."""

    name = models.CharField(_("name"), max_length=100)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    department = models.ForeignKey(
        Department, models.SET_NULL, null=True, blank=True, related_name="topics", verbose_name=_("department")
    )
    priority = models.ForeignKey(Priority, models.SET_NULL, null=True, blank=True, verbose_name=_("priority"))
    sla = models.ForeignKey(Sla, models.SET_NULL, null=True, blank=True, verbose_name=_("SLA"))
    status = models.ForeignKey(Status, models.SET_NULL, null=True, blank=True, verbose_name=_("first status"))
    agent = models.ForeignKey(
        Agent, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("goes to agent")
    )
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("goes to team")
    )
    sequence = models.ForeignKey(Sequence, models.SET_NULL, null=True, blank=True, verbose_name=_("ticket numbers"))
    acknowledges = models.BooleanField(_("acknowledges new tickets"), default=True)
    is_public = models.BooleanField(_("public"), default=True)
    is_archived = models.BooleanField(_("archived"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("help topic")
        verbose_name_plural = _("help topics")
        ordering = ("position", "name")

    def __str__(self) -> str:
        return self.name
