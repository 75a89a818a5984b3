"""Clients that a server knows: reservations, classes and subclasses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dhcp.facts import server as said
from dhcp.facts.address_key import KEY_LENGTH, address_key
from dhcp.models.declared import Declared
from dhcp.models.network import Group, SharedNetwork, Subnet
from dhcp.models.scope import OfServerQuerySet
from dhcp.models.server import Server
from hosts.models import Organization, User


class ReservationQuerySet(OfServerQuerySet["Reservation"]):
    """Reservations by what one asks about them."""

    def visible_to(self, user: User) -> Self:
        """Those of servers that the person sees, and those of the person's organizations on any server."""
        if user.sees_everything:
            return self
        mine = user.organizations.values("pk")
        return self.filter(Q(server__host__organization__in=mine) | Q(organization__in=mine))


class Reservation(Declared):
    """A client that is known by its MAC or its id, with addresses of its own, or only with settings of its own."""

    server = models.ForeignKey(Server, models.CASCADE, related_name="reservations", verbose_name=_("server"))
    shared_network = models.ForeignKey(
        SharedNetwork, models.CASCADE, null=True, blank=True, related_name="reservations", editable=False
    )
    subnet = models.ForeignKey(
        Subnet, models.CASCADE, null=True, blank=True, related_name="reservations", editable=False
    )
    group = models.ForeignKey(
        Group, models.SET_NULL, null=True, blank=True, related_name="reservations", verbose_name=_("group")
    )
    organization = models.ForeignKey(
        Organization,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="dhcp_reservations",
        verbose_name=_("organization"),
    )
    name = models.CharField(_("name"), max_length=255, help_text=_("Of this entry in the file, such as web01."))
    hardware = models.CharField(_("kind of hardware"), max_length=20, default="ethernet", blank=True)
    mac = models.CharField(_("MAC"), max_length=60, blank=True, db_index=True)
    client_id = models.CharField(
        _("client id"), max_length=600, blank=True, help_text=_('Hex with colons, or a text in quotes: "web01".')
    )
    match = models.CharField(_("recognised by"), max_length=500, blank=True)
    hostname = models.CharField(
        _("host name"),
        max_length=255,
        blank=True,
        db_index=True,
        help_text=_("What the client is told to call itself (option host-name)."),
    )
    is_enabled = models.BooleanField(_("enabled"), default=True)

    objects = ReservationQuerySet.as_manager()

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        ordering = ("position", "pk")
        indexes = [
            models.Index(fields=["server", "name"], name="dhcp_reservation_by_name"),
            models.Index(fields=["organization", "name"], name="dhcp_reservation_by_owner"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("dhcp:reservation", args=[self.pk])

    def facts(self, addresses: Iterable[tuple[str, bool]] | None = None) -> said.Reservation:
        """As pure code knows it. `addresses` (each with whether it is a prefix) where they are at hand, in order."""
        if addresses is None:
            addresses = [(each.address, each.is_prefix) for each in self.addresses.all()]
        mine = list(addresses)
        return said.Reservation(
            name=self.name,
            mac=self.mac,
            hardware=self.hardware,
            client_id=self.client_id,
            match=self.match,
            addresses=tuple(address for address, is_prefix in mine if not is_prefix),
            prefixes=tuple(address for address, is_prefix in mine if is_prefix),
            hostname=self.hostname,
            settings=self.settings(),
            enabled=self.is_enabled,
            note=self.note,
            origin=f"reservation {self.pk}",
        )


class ReservedAddress(models.Model):
    """An address (or a name, or a prefix) of a reservation."""

    reservation = models.ForeignKey(Reservation, models.CASCADE, related_name="addresses")
    address = models.CharField(_("address"), max_length=253)
    key = models.CharField(max_length=KEY_LENGTH, editable=False, db_index=True)
    is_prefix = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("reserved address")
        verbose_name_plural = _("reserved addresses")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.address

    def save(self, *args: Any, **kwargs: Any) -> None:
        """With the key by which it is found."""
        self.key = address_key(self.address)
        super().save(*args, **kwargs)


class ClientClass(Declared):
    """A class of clients. `match` is a list of what stands after each match."""

    server = models.ForeignKey(Server, models.CASCADE, related_name="classes", verbose_name=_("server"))
    name = models.CharField(_("name"), max_length=255)
    match = models.JSONField(_("match"), default=list, blank=True)
    spawn = models.CharField(_("spawn with"), max_length=2000, blank=True)
    lease_limit = models.PositiveIntegerField(_("lease limit"), null=True, blank=True)
    test = models.TextField(_("Kea's test"), blank=True)

    objects = OfServerQuerySet["ClientClass"].as_manager()

    class Meta:
        verbose_name = _("class")
        verbose_name_plural = _("classes")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name

    def facts(self) -> said.ClientClass:
        """As pure code knows it."""
        return said.ClientClass(
            self.name,
            tuple(self.match),
            self.spawn,
            self.lease_limit,
            self.settings(),
            self.note,
            f"class {self.pk}",
            self.test,
        )


class Subclass(Declared):
    """Clients of a class that are named one by one."""

    server = models.ForeignKey(Server, models.CASCADE, related_name="subclasses", verbose_name=_("server"))
    of = models.CharField(_("class"), max_length=255)
    data = models.CharField(_("data"), max_length=2000)
    lease_limit = models.PositiveIntegerField(_("lease limit"), null=True, blank=True)

    objects = OfServerQuerySet["Subclass"].as_manager()

    class Meta:
        verbose_name = _("subclass")
        verbose_name_plural = _("subclasses")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return f"{self.of} {self.data}"

    def facts(self) -> said.Subclass:
        """As pure code knows it."""
        return said.Subclass(self.of, self.data, self.lease_limit, self.settings(), self.note, f"subclass {self.pk}")
