"""A DHCP server on a host, what it is told as a whole, and how far its leases and its log were read."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dhcp.choices import ServerKind, Service
from dhcp.facts.lease import LeaseMark
from dhcp.facts.server import DdnsZone, FailoverPeer, OptionDefinition, OptionSpace, Parameter, TsigKey
from dhcp.models.declared import Declared
from dhcp.models.scope import OfServerQuerySet, OnHostQuerySet
from hosts.models import Host
from hosts.models.sealed import SealedField
from hosts.models.words import WordsField

ABSOLUTE = RegexValidator(r"^/[^\0\s]+\Z", _("An absolute path, such as /etc/dhcp/dhcpd.conf."))
PERCENT = [MaxValueValidator(100)]
IP_VERSIONS = ((4, "IPv4"), (6, "IPv6"))


class Server(Declared):
    """One DHCP server: its own settings are those of all of its networks.

    `revision` counts what people saved here; what is on the host is told by its last applied change. `lease_hook` is
    where Kea's commands for leases lie on the host. The marks say how far the lease file (`lease_mark`) and the log
    (`log_mark`) were read, so that only what is new is read next time.
    """

    host = models.ForeignKey(Host, models.PROTECT, related_name="dhcp_servers", verbose_name=_("host"))
    kind = models.CharField(_("program"), max_length=8, choices=ServerKind, default=ServerKind.ISC)
    version = models.PositiveSmallIntegerField(_("IP version"), choices=IP_VERSIONS, default=4)
    interfaces = models.JSONField(
        _("interfaces"), default=list, blank=True, help_text=_("Those it listens on; none: all that have a subnet.")
    )
    config_path = models.CharField(_("configuration"), max_length=4096, blank=True, validators=[ABSOLUTE])
    lease_path = models.CharField(_("lease file"), max_length=4096, blank=True, validators=[ABSOLUTE])
    unit = models.CharField(_("systemd unit"), max_length=120, blank=True)
    probes = models.BooleanField(
        _("ask for an address after each change"),
        default=False,
        help_text=_("The change is put back where a test client's DISCOVER gets no OFFER."),
    )
    probe_host = models.ForeignKey(
        Host, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("test client")
    )
    probe_interface = models.CharField(_("interface of the test client"), max_length=15, blank=True)
    warn_percent = models.PositiveSmallIntegerField(
        _("warn at"), default=80, validators=PERCENT, help_text=_("Per cent of a pool in use.")
    )
    alarm_percent = models.PositiveSmallIntegerField(
        _("open a ticket at"), default=95, validators=PERCENT, help_text=_("Per cent of a pool in use; 0: never.")
    )

    revision = models.PositiveIntegerField(default=0, editable=False)
    edited_at = models.DateTimeField(_("edited"), null=True, editable=False)
    service = models.CharField(_("state"), max_length=16, choices=Service, default=Service.UNKNOWN, editable=False)
    service_why = WordsField(_("why"), blank=True, editable=False)
    program_version = models.CharField(_("version of the program"), max_length=60, blank=True, editable=False)
    addresses = models.JSONField(_("addresses"), default=list, editable=False)
    routes = models.JSONField(_("routes"), default=list, editable=False)
    lease_hook = models.CharField(max_length=255, blank=True, editable=False)
    listening = models.JSONField(_("listens on"), default=list, editable=False)
    looked_at = models.DateTimeField(_("looked at"), null=True, editable=False)

    lease_mark = models.JSONField(null=True, editable=False)
    leases_read_at = models.DateTimeField(_("leases read"), null=True, editable=False)
    leases_why = WordsField(_("why leases were not read"), blank=True, editable=False)
    leases_damage = models.JSONField(default=list, editable=False)
    log_mark = models.JSONField(null=True, editable=False)
    log_rest = models.JSONField(default=list, editable=False)
    log_read_at = models.DateTimeField(_("log read"), null=True, editable=False)
    log_why = WordsField(_("why the log was not read"), blank=True, editable=False)
    next_read_at = models.DateTimeField(null=True, editable=False, db_index=True)
    read_since = models.DateTimeField(null=True, editable=False)
    sampled_at = models.DateTimeField(null=True, editable=False)

    objects = OnHostQuerySet["Server"].as_manager()

    class Meta:
        verbose_name = _("DHCP server")
        verbose_name_plural = _("DHCP servers")
        constraints = [
            models.UniqueConstraint(
                fields=["host", "version"],
                name="dhcp_server_once_per_host_and_version",
                violation_error_message=_("This host has a DHCP server of this IP version."),
            ),
            models.CheckConstraint(condition=Q(version__in=(4, 6)), name="dhcp_server_version_is_4_or_6"),
        ]

    def __str__(self) -> str:
        return f"{self.host} (IPv6)" if self.version == 6 else str(self.host)

    def get_absolute_url(self) -> str:
        return reverse("dhcp:server", args=[self.pk])

    @property
    def mark(self) -> LeaseMark | None:
        """How far the lease file was read; None where it was not."""
        return LeaseMark(**self.lease_mark) if self.lease_mark else None


class Space(models.Model):
    """A space of custom options ("LAN")."""

    server = models.ForeignKey(Server, models.CASCADE, related_name="spaces")
    name = models.CharField(_("name"), max_length=255)
    widths = models.CharField(_("widths"), max_length=255, blank=True)
    position = models.PositiveIntegerField(default=0, editable=False)

    objects = OfServerQuerySet["Space"].as_manager()

    class Meta:
        verbose_name = _("option space")
        verbose_name_plural = _("option spaces")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name

    def facts(self) -> OptionSpace:
        """As pure code knows it."""
        return OptionSpace(self.name, self.widths)


class Definition(models.Model):
    """A custom option: its code and its type."""

    server = models.ForeignKey(Server, models.CASCADE, related_name="definitions")
    name = models.CharField(_("name"), max_length=255, help_text=_("With its space, such as LAN.colour."))
    code = models.PositiveIntegerField(_("code"))
    type = models.CharField(_("type"), max_length=500, help_text=_("As dhcpd writes it: array of ip-address, text."))
    position = models.PositiveIntegerField(default=0, editable=False)

    objects = OfServerQuerySet["Definition"].as_manager()

    class Meta:
        verbose_name = _("option definition")
        verbose_name_plural = _("option definitions")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name

    def facts(self) -> OptionDefinition:
        """As pure code knows it."""
        return OptionDefinition(self.name, self.code, self.type)


class Key(models.Model):
    """A TSIG key for DDNS, OMAPI or failover; its secret is never shown again."""

    server = models.ForeignKey(Server, models.CASCADE, related_name="keys")
    name = models.CharField(_("name"), max_length=255)
    algorithm = models.CharField(_("algorithm"), max_length=60, default="hmac-sha256")
    secret = SealedField(editable=False)
    is_for_omapi = models.BooleanField(_("opens OMAPI"), default=False, help_text=_("The panel releases leases by it."))
    position = models.PositiveIntegerField(default=0, editable=False)

    objects = OfServerQuerySet["Key"].as_manager()

    class Meta:
        verbose_name = _("key")
        verbose_name_plural = _("keys")
        ordering = ("position", "pk")
        constraints = [models.UniqueConstraint(fields=["server", "name"], name="dhcp_key_once_per_server")]

    def __str__(self) -> str:
        return self.name

    def facts(self) -> TsigKey:
        """With the secret opened: for a file that is marked secret."""
        return TsigKey(self.name, self.algorithm, self.secret.open().decode())


class Zone(models.Model):
    """A DNS zone that the server updates (DDNS)."""

    server = models.ForeignKey(Server, models.CASCADE, related_name="zones")
    name = models.CharField(_("zone"), max_length=255)
    primary = models.CharField(_("name server"), max_length=255)
    key = models.CharField(_("key"), max_length=255, blank=True)
    position = models.PositiveIntegerField(default=0, editable=False)

    objects = OfServerQuerySet["Zone"].as_manager()

    class Meta:
        verbose_name = _("DDNS zone")
        verbose_name_plural = _("DDNS zones")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name

    def facts(self) -> DdnsZone:
        """As pure code knows it."""
        return DdnsZone(self.name, self.primary, self.key)


class Peer(models.Model):
    """A server's half of a failover pair; the other half is the row of the same name at `partner`."""

    server = models.ForeignKey(Server, models.CASCADE, related_name="peers")
    partner = models.ForeignKey(
        Server, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("partner")
    )
    name = models.CharField(_("name"), max_length=255)
    is_primary = models.BooleanField(_("primary"), default=True)
    address = models.CharField(_("own address"), max_length=253)
    peer_address = models.CharField(_("partner's address"), max_length=253)
    port = models.PositiveIntegerField(_("port"), null=True, blank=True)
    peer_port = models.PositiveIntegerField(_("partner's port"), null=True, blank=True)
    max_response_delay_seconds = models.PositiveIntegerField(_("longest silence"), null=True, blank=True)
    max_unacked_updates = models.PositiveIntegerField(_("updates without an answer"), null=True, blank=True)
    mclt_seconds = models.PositiveIntegerField(_("MCLT"), null=True, blank=True)
    split = models.PositiveSmallIntegerField(_("split"), null=True, blank=True)
    load_balance_max_seconds = models.PositiveIntegerField(_("longest wait for the partner"), null=True, blank=True)
    others = models.JSONField(_("other statements"), default=list, blank=True)
    position = models.PositiveIntegerField(default=0, editable=False)
    state = models.CharField(_("state"), max_length=40, blank=True, editable=False)
    partner_state = models.CharField(_("partner's state"), max_length=40, blank=True, editable=False)
    state_at = models.DateTimeField(_("since"), null=True, editable=False)

    objects = OfServerQuerySet["Peer"].as_manager()

    class Meta:
        verbose_name = _("failover peer")
        verbose_name_plural = _("failover peers")
        ordering = ("position", "pk")
        constraints = [models.UniqueConstraint(fields=["server", "name"], name="dhcp_peer_once_per_server")]

    def __str__(self) -> str:
        return self.name

    def facts(self) -> FailoverPeer:
        """As pure code knows it."""
        return FailoverPeer(
            self.name,
            self.is_primary,
            self.address,
            self.peer_address,
            self.port,
            self.peer_port,
            self.max_response_delay_seconds,
            self.max_unacked_updates,
            self.mclt_seconds,
            self.split,
            self.load_balance_max_seconds,
            tuple(Parameter(*each) for each in self.others),
        )
