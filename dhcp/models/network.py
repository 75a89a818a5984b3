"""Networks, and the addresses in them that a server may give."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dhcp.facts.address_key import KEY_LENGTH, address_key, network_keys
from dhcp.models.declared import Declared
from dhcp.models.scope import OfServerQuerySet
from dhcp.models.server import PERCENT, Server

PERCENT_HELP = _("Per cent in use; empty: as the server says.")


class Group(Declared):
    """Declarations that share settings; stands in the server, in another group, or in one network."""

    server = models.ForeignKey(Server, models.CASCADE, related_name="groups")
    name = models.CharField(_("name"), max_length=255, blank=True)
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="groups")
    shared_network = models.ForeignKey(
        "dhcp.SharedNetwork", models.CASCADE, null=True, blank=True, related_name="groups"
    )
    subnet = models.ForeignKey("dhcp.Subnet", models.CASCADE, null=True, blank=True, related_name="groups")

    objects = OfServerQuerySet["Group"].as_manager()

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"


class SharedNetwork(Declared):
    """Subnets on one wire."""

    server = models.ForeignKey(Server, models.CASCADE, related_name="shared_networks", verbose_name=_("server"))
    group = models.ForeignKey(
        Group, models.CASCADE, null=True, blank=True, related_name="shared_networks", verbose_name=_("group")
    )
    name = models.CharField(_("name"), max_length=255)
    interface = models.CharField(_("interface"), max_length=15, blank=True)
    warn_percent = models.PositiveSmallIntegerField(
        _("warn at"), null=True, blank=True, validators=PERCENT, help_text=PERCENT_HELP
    )
    alarm_percent = models.PositiveSmallIntegerField(
        _("open a ticket at"), null=True, blank=True, validators=PERCENT, help_text=PERCENT_HELP
    )

    objects = OfServerQuerySet["SharedNetwork"].as_manager()

    class Meta:
        verbose_name = _("shared network")
        verbose_name_plural = _("shared networks")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("dhcp:shared-network", args=[self.pk])


class Subnet(Declared):
    """A network in CIDR. `number` is Kea's id of it, 0 lets the renderer count."""

    server = models.ForeignKey(Server, models.CASCADE, related_name="subnets", verbose_name=_("server"))
    shared_network = models.ForeignKey(
        SharedNetwork, models.CASCADE, null=True, blank=True, related_name="subnets", verbose_name=_("shared network")
    )
    group = models.ForeignKey(
        Group, models.CASCADE, null=True, blank=True, related_name="subnets", verbose_name=_("group")
    )
    name = models.CharField(_("name"), max_length=100, blank=True, help_text=_("What people call it, such as Office."))
    network = models.CharField(_("network"), max_length=43, help_text=_("With its length: 192.168.1.0/24."))
    interface = models.CharField(_("interface"), max_length=15, blank=True)
    number = models.PositiveBigIntegerField(_("Kea's number"), default=0)
    warn_percent = models.PositiveSmallIntegerField(
        _("warn at"), null=True, blank=True, validators=PERCENT, help_text=PERCENT_HELP
    )
    alarm_percent = models.PositiveSmallIntegerField(
        _("open a ticket at"), null=True, blank=True, validators=PERCENT, help_text=PERCENT_HELP
    )
    first_key = models.CharField(max_length=KEY_LENGTH, editable=False)
    last_key = models.CharField(max_length=KEY_LENGTH, editable=False)

    objects = OfServerQuerySet["Subnet"].as_manager()

    class Meta:
        verbose_name = _("subnet")
        verbose_name_plural = _("subnets")
        ordering = ("position", "pk")
        indexes = [models.Index(fields=["first_key", "last_key"], name="dhcp_subnet_by_address")]

    def __str__(self) -> str:
        return f"{self.network} ({self.name})" if self.name else self.network

    def get_absolute_url(self) -> str:
        return reverse("dhcp:subnet", args=[self.pk])

    def save(self, *args: Any, **kwargs: Any) -> None:
        """With the keys of its addresses; ValueError where the network is none (full_clean says it first)."""
        self.first_key, self.last_key = network_keys(self.network)
        super().save(*args, **kwargs)


class Pool(Declared):
    """Addresses that the same clients may have; stands in a subnet, or in a shared network for all of its subnets.

    `is_plain` is the one of a subnet that has no rules of its own: its ranges stand in the subnet itself.
    `permits` is a list of [verb, who] as dhcpd says it.
    """

    server = models.ForeignKey(Server, models.CASCADE, related_name="pools", verbose_name=_("server"))
    subnet = models.ForeignKey(
        Subnet, models.CASCADE, null=True, blank=True, related_name="pools", verbose_name=_("subnet")
    )
    shared_network = models.ForeignKey(
        SharedNetwork, models.CASCADE, null=True, blank=True, related_name="pools", verbose_name=_("shared network")
    )
    name = models.CharField(_("name"), max_length=100, blank=True)
    is_plain = models.BooleanField(default=False, editable=False)
    permits = models.JSONField(_("who may have them"), default=list, blank=True)
    failover = models.CharField(_("failover"), max_length=255, blank=True, help_text=_("The name of a failover pair."))

    objects = OfServerQuerySet["Pool"].as_manager()

    class Meta:
        verbose_name = _("pool")
        verbose_name_plural = _("pools")
        ordering = ("position", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(subnet__isnull=False, shared_network__isnull=True)
                | Q(subnet__isnull=True, shared_network__isnull=False),
                name="dhcp_pool_stands_in_one_network",
            ),
            models.UniqueConstraint(
                fields=["subnet"], condition=Q(is_plain=True), name="dhcp_one_plain_pool_per_subnet"
            ),
        ]

    def __str__(self) -> str:
        return self.name or ", ".join(str(each) for each in self.ranges.all()) or f"#{self.pk}"


class Range(models.Model):
    """Addresses from the first to the last; with a `prefix_length`, prefixes of that length to delegate."""

    pool = models.ForeignKey(Pool, models.CASCADE, related_name="ranges")
    first = models.CharField(_("first"), max_length=39)
    last = models.CharField(_("last"), max_length=39)
    is_bootp = models.BooleanField(_("BOOTP clients too"), default=False)
    is_temporary = models.BooleanField(_("temporary addresses"), default=False)
    prefix_length = models.PositiveSmallIntegerField(_("length of a prefix"), null=True, blank=True)
    first_key = models.CharField(max_length=KEY_LENGTH, editable=False, db_index=True)
    last_key = models.CharField(max_length=KEY_LENGTH, editable=False)
    position = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("range")
        verbose_name_plural = _("ranges")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        if self.prefix_length is not None:
            return f"{self.first} – {self.last} /{self.prefix_length}"
        return f"{self.first} – {self.last}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """With the keys of its ends."""
        self.first_key, self.last_key = address_key(self.first), address_key(self.last)
        super().save(*args, **kwargs)
