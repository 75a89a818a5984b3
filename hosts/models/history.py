"""What hosts said of themselves over time, and the filters people keep."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from hosts.models.fleet import Host
from hosts.models.people import User


class FactsRecordQuerySet(models.QuerySet["FactsRecord"]):
    """Facts, narrowed to what somebody may see."""

    def visible_to(self, user: User) -> Self:
        """Those of hosts of the person's organizations."""
        return self if user.sees_everything else self.filter(host__organization__members=user)


class FactsRecord(models.Model):
    """One state of a host's facts, from when it was first seen until it was last seen.

    A new row is written only when the non-volatile part differs; otherwise `last_at` and the volatile numbers move.
    """

    host = models.ForeignKey(Host, models.CASCADE, related_name="facts_records")
    first_at = models.DateTimeField(_("first seen"))
    last_at = models.DateTimeField(_("last seen"))
    digest = models.CharField(max_length=64)
    report = models.JSONField(_("facts"))
    findings = models.JSONField(_("findings"), default=list)
    damage = models.JSONField(_("unreadable parts"), default=list)

    objects = FactsRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("facts")
        verbose_name_plural = _("facts")
        indexes = [models.Index(fields=["host", "-last_at"], name="hosts_facts_newest_first")]

    def __str__(self) -> str:
        return f"{self.host} {self.first_at:%Y-%m-%d %H:%M}"


class NetworkCardQuerySet(models.QuerySet["NetworkCard"]):
    """Cards, narrowed to what somebody may see."""

    def visible_to(self, user: User) -> Self:
        """Those of hosts of the person's organizations."""
        return self if user.sees_everything else self.filter(host__organization__members=user)


class NetworkCard(models.Model):
    """A MAC that a host's newest facts show, and what has it there: "eth0", or "eth0 VF 3", which a guest may have."""

    host = models.ForeignKey(Host, models.CASCADE, related_name="cards")
    mac = models.CharField(_("MAC"), max_length=60, db_index=True)
    name = models.CharField(_("name"), max_length=60)

    objects = NetworkCardQuerySet.as_manager()

    class Meta:
        verbose_name = _("network card")
        verbose_name_plural = _("network cards")
        constraints = [models.UniqueConstraint(fields=["host", "mac"], name="hosts_card_once_per_host")]

    def __str__(self) -> str:
        return f"{self.host} {self.name}"


class SavedFilter(models.Model):
    """A named view of a list: the query string that was typed together."""

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_filters")
    page = models.CharField(max_length=32)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=500)
    is_shared = models.BooleanField(_("shared with everybody"), default=False)

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        constraints = [models.UniqueConstraint("user", "page", "name", name="hosts_saved_filter_name_once")]

    def __str__(self) -> str:
        return self.name
