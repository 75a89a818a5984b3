"""One change over many hosts."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hosts.choices import RolloutState
from hosts.models.people import User
from hosts.models.words import WordsField


class RolloutQuerySet(models.QuerySet["Rollout"]):
    """Rollouts, narrowed to what somebody may see."""

    def visible_to(self, user: User) -> Self:
        """Those that touch at least one host of the person's organizations."""
        if user.sees_everything:
            return self
        return self.filter(changes__host__organization__members=user).distinct()


class Rollout(models.Model):
    """Changes that belong together: canary first, then in batches, stopped when too many fail."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=200)
    why = models.TextField(_("why"), blank=True)
    state = models.CharField(_("state"), max_length=16, choices=RolloutState, default=RolloutState.PLANNED)
    canary_count = models.PositiveIntegerField(
        _("canary hosts"), default=1, help_text=_("So many hosts go first; the others wait until they hold.")
    )
    batch_size = models.PositiveIntegerField(
        _("batch size"), default=10, help_text=_("So many hosts at the same time.")
    )
    failures_allowed = models.PositiveIntegerField(
        _("failures allowed"), default=0, help_text=_("One more than this stops the rollout.")
    )
    planned_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("planned by"))
    planned_at = models.DateTimeField(_("planned at"), auto_now_add=True)
    started_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("started by"))
    started_at = models.DateTimeField(_("started at"), null=True)
    went_on_at = models.DateTimeField(null=True, help_text="The last start; failures before it count no more.")
    finished_at = models.DateTimeField(_("finished at"), null=True)
    stopped_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("stopped by"))
    stopped_why = WordsField(_("why it stopped"), blank=True)

    objects = RolloutQuerySet.as_manager()

    class Meta:
        verbose_name = _("rollout")
        verbose_name_plural = _("rollouts")
        constraints = [
            models.CheckConstraint(condition=Q(batch_size__gte=1), name="hosts_rollout_batch_of_one_or_more")
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("hosts:rollout-detail", args=[self.pk])
