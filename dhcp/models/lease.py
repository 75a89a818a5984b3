"""Leases as the server's file tells them now, who held an address before, and how full networks were."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from dhcp.facts import lease as said
from dhcp.facts.address_key import KEY_LENGTH, address_key
from dhcp.facts.duid import mac_of_duid
from dhcp.models.network import Pool, SharedNetwork, Subnet
from dhcp.models.scope import OfServerQuerySet
from dhcp.models.server import Server

BEGINNING = "varchar_pattern_ops"
"""PostgreSQL finds by it what a text begins with, whatever its language; other databases take no notice."""

TOLD = (
    "key",
    "state",
    "next_state",
    "mac",
    "mac_end",
    "client_id",
    "hostname",
    "name_key",
    "vendor_class",
    "starts_at",
    "ends_at",
    "never_ends",
    "last_contact_at",
)
"""The columns of a lease that its server tells, in the order of `Lease.told`."""


class Lease(models.Model):
    """The last word on one address at one server. Times are as in `dhcp.facts.lease.Lease`.

    `mac_end` is the MAC from its end to its beginning: people search by the last digits, which stand on the machine.
    Of an IPv6 lease that names no MAC it is the one in the client's DUID, so that a machine is found with both.
    `name_key` is the host name in lower case: what is compared a million times is not made lower each time.
    """

    server = models.ForeignKey(Server, models.CASCADE, related_name="leases", db_index=False)
    address = models.CharField(_("address"), max_length=43)
    key = models.CharField(max_length=KEY_LENGTH, editable=False)
    state = models.CharField(_("state"), max_length=12, blank=True)
    next_state = models.CharField(_("next state"), max_length=12, blank=True)
    mac = models.CharField(_("MAC"), max_length=60, blank=True)
    mac_end = models.CharField(max_length=60, blank=True, editable=False)
    client_id = models.CharField(_("client id"), max_length=600, blank=True)
    hostname = models.CharField(_("host name"), max_length=255, blank=True)
    name_key = models.CharField(max_length=255, blank=True, editable=False)
    vendor_class = models.CharField(_("vendor class"), max_length=255, blank=True)
    starts_at = models.DateTimeField(_("began"), null=True)
    ends_at = models.DateTimeField(_("ends"), null=True)
    never_ends = models.BooleanField(_("never ends"), default=False)
    last_contact_at = models.DateTimeField(_("last contact"), null=True)

    objects = OfServerQuerySet["Lease"].as_manager()

    class Meta:
        verbose_name = _("lease")
        verbose_name_plural = _("leases")
        constraints = [models.UniqueConstraint(fields=["server", "address"], name="dhcp_lease_once_per_address")]
        indexes = [
            models.Index(fields=["key", "server"], name="dhcp_lease_by_key"),
            models.Index(fields=["server", "state", "key"], name="dhcp_lease_by_state"),
            models.Index(fields=["mac"], name="dhcp_lease_by_mac", opclasses=[BEGINNING]),
            models.Index(fields=["mac_end"], name="dhcp_lease_by_mac_end", opclasses=[BEGINNING]),
            models.Index(fields=["name_key"], name="dhcp_lease_by_name", opclasses=[BEGINNING]),
            models.Index(fields=["client_id"], name="dhcp_lease_by_client_id", opclasses=[BEGINNING]),
            models.Index(fields=["vendor_class"], name="dhcp_lease_by_vendor", opclasses=[BEGINNING]),
        ]

    def __str__(self) -> str:
        return self.address

    @classmethod
    def of(cls, server_id: int, lease: said.Lease) -> Lease:
        """A row of a fact, not saved; what is longer than its column is cut."""
        return cls(server_id=server_id, address=lease.ip, **dict(zip(TOLD, cls.told(lease), strict=True)))

    @staticmethod
    def told(lease: said.Lease) -> tuple[Any, ...]:
        """The columns of TOLD: a hundred thousand leases are compared and written without making rows of them."""
        mac, hostname = _printable(lease.mac, 60), _printable(lease.hostname, 255)
        if not mac and ":" in lease.ip:
            mac = mac_of_duid(lease.client_id or "")
        return (
            address_key(lease.ip),
            _printable(lease.state, 12),
            _printable(lease.next_state, 12),
            mac,
            mac[::-1],
            (lease.client_id or "")[:600],
            hostname,
            hostname.lower()[:255],
            _printable(lease.vendor_class, 255),
            lease.starts_at,
            lease.ends_at,
            lease.never_ends,
            lease.last_contact_at,
        )

    def facts(self) -> said.Lease:
        """As pure code knows it."""
        return said.Lease(
            ip=self.address,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            state=self.state or None,
            next_state=self.next_state or None,
            mac=self.mac or None,
            uid=self.client_id or None,
            hostname=self.hostname or None,
            vendor_class=self.vendor_class or None,
            never_ends=self.never_ends,
            last_contact_at=self.last_contact_at,
        )


class Holding(models.Model):
    """Who had an address from when to when: `ended_at` is null while it is held, or the end that was promised is kept
    in `until_at`. The same client that renews stays one holding.
    """

    id = models.BigAutoField(primary_key=True)
    server = models.ForeignKey(Server, models.CASCADE, related_name="holdings", db_index=False)
    address = models.CharField(_("address"), max_length=43)
    key = models.CharField(max_length=KEY_LENGTH, editable=False)
    mac = models.CharField(_("MAC"), max_length=60, blank=True)
    client_id = models.CharField(_("client id"), max_length=600, blank=True)
    hostname = models.CharField(_("host name"), max_length=255, blank=True)
    began_at = models.DateTimeField(_("from"))
    until_at = models.DateTimeField(_("promised until"), null=True)
    ended_at = models.DateTimeField(_("to"), null=True)
    is_open = models.BooleanField(_("held now"), default=True)

    objects = OfServerQuerySet["Holding"].as_manager()

    class Meta:
        verbose_name = _("holding")
        verbose_name_plural = _("holdings")
        constraints = [
            models.UniqueConstraint(
                fields=["server", "address"], condition=models.Q(is_open=True), name="dhcp_one_open_holding_per_address"
            )
        ]
        indexes = [
            models.Index(fields=["key", "-began_at"], name="dhcp_holding_by_address"),
            models.Index(fields=["mac", "-began_at"], name="dhcp_holding_by_mac"),
            models.Index(fields=["ended_at"], name="dhcp_holding_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.address} {self.mac}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """With the key by which it is found."""
        self.key = address_key(self.address)
        super().save(*args, **kwargs)


class UsageSample(models.Model):
    """How many addresses of a pool, a subnet or a shared network were in which state at a time.

    One of the three is set. `held` counts leases whose time has not run out, `active` those whose state says so: the
    two differ where a server has not yet come to expire its leases.
    """

    id = models.BigAutoField(primary_key=True)
    server = models.ForeignKey(Server, models.CASCADE, related_name="samples", db_index=False)
    pool = models.ForeignKey(Pool, models.CASCADE, null=True, related_name="samples", db_index=False)
    subnet = models.ForeignKey(Subnet, models.CASCADE, null=True, related_name="samples", db_index=False)
    shared_network = models.ForeignKey(SharedNetwork, models.CASCADE, null=True, related_name="samples", db_index=False)
    at = models.DateTimeField(_("at"))
    defined = models.PositiveBigIntegerField(_("addresses"))
    active = models.PositiveBigIntegerField(_("in use by state"), default=0)
    held = models.PositiveBigIntegerField(_("in use by time"), default=0)
    touched = models.PositiveBigIntegerField(_("used before"), default=0)
    backup = models.PositiveBigIntegerField(_("kept by the partner"), default=0)
    abandoned = models.PositiveBigIntegerField(_("abandoned"), default=0)
    reserved = models.PositiveBigIntegerField(_("reserved"), default=0)

    objects = OfServerQuerySet["UsageSample"].as_manager()

    class Meta:
        verbose_name = _("sample of usage")
        verbose_name_plural = _("samples of usage")
        indexes = [
            models.Index(fields=["subnet", "at"], name="dhcp_sample_by_subnet"),
            models.Index(fields=["pool", "at"], name="dhcp_sample_by_pool"),
            models.Index(fields=["shared_network", "at"], name="dhcp_sample_by_shared_network"),
            models.Index(fields=["server", "at"], name="dhcp_sample_by_server"),
        ]

    def __str__(self) -> str:
        return f"{self.active}/{self.defined}"

    @property
    def network(self) -> Subnet | SharedNetwork | None:
        """What it is a sample of, unless that is a pool."""
        return self.subnet or self.shared_network

    @property
    def percent(self) -> float:
        """Active of defined; 0 where nothing is defined."""
        return round(100 * self.active / self.defined, 1) if self.defined else 0.0


class Alarm(models.Model):
    """That a network got too full, and the ticket that was opened for it: once, until it is less full again."""

    server = models.ForeignKey(Server, models.CASCADE, related_name="alarms")
    subnet = models.ForeignKey(Subnet, models.CASCADE, null=True, related_name="alarms")
    shared_network = models.ForeignKey(SharedNetwork, models.CASCADE, null=True, related_name="alarms")
    percent = models.FloatField(_("per cent in use"))
    opened_at = models.DateTimeField(_("since"))
    cleared_at = models.DateTimeField(_("until"), null=True)
    ticket_id = models.PositiveBigIntegerField(null=True)
    ticket_number = models.CharField(_("ticket"), max_length=40, blank=True)

    objects = OfServerQuerySet["Alarm"].as_manager()

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        constraints = [
            models.UniqueConstraint(
                fields=["subnet"], condition=models.Q(cleared_at__isnull=True), name="dhcp_one_alarm_per_subnet"
            ),
            models.UniqueConstraint(
                fields=["shared_network"],
                condition=models.Q(cleared_at__isnull=True),
                name="dhcp_one_alarm_per_shared_network",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subnet or self.shared_network} {self.percent} %"


def _printable(text: str | None, longest: int) -> str:
    """Names come from clients: bytes that are no text, and NULs, which PostgreSQL refuses, are shown as such."""
    if not text:
        return ""
    if not text.isascii():
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")[:longest]
