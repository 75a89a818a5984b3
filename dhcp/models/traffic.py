"""What clients and servers said to each other, relays between them, what was found wrong, and errands to hosts."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dhcp.choices import ErrandKind, ErrandState, Service
from dhcp.facts import server as said
from dhcp.facts.address_key import KEY_LENGTH
from dhcp.models.lease import BEGINNING
from dhcp.models.scope import OfServerQuerySet, OnHostQuerySet
from dhcp.models.server import Server
from hosts.choices import Severity
from hosts.models import Host, User
from hosts.models.words import WordsField


class Relay(models.Model):
    """A relay on a host. Lists are of addresses, names of interfaces, and words of options."""

    host = models.OneToOneField(Host, models.PROTECT, related_name="dhcp_relay", verbose_name=_("host"))
    servers = models.JSONField(_("servers"), default=list, help_text=_("Addresses of the servers it passes on to."))
    interfaces = models.JSONField(_("interfaces"), default=list, blank=True)
    options = models.JSONField(_("options"), default=list, blank=True)
    giaddr = models.JSONField(
        _("addresses on the clients' sides"), default=list, blank=True, help_text=_("With length: 192.168.1.254/24.")
    )
    uplinks = models.JSONField(_("addresses on the servers' side"), default=list, blank=True)
    note = models.TextField(_("note"), blank=True)
    revision = models.PositiveIntegerField(default=0, editable=False)
    edited_at = models.DateTimeField(_("edited"), null=True, editable=False)
    service = models.CharField(_("state"), max_length=16, choices=Service, default=Service.UNKNOWN, editable=False)
    service_why = WordsField(_("why"), blank=True, editable=False)
    looked_at = models.DateTimeField(_("looked at"), null=True, editable=False)
    log_mark = models.JSONField(null=True, editable=False)
    log_read_at = models.DateTimeField(_("log read"), null=True, editable=False)
    next_read_at = models.DateTimeField(null=True, editable=False, db_index=True)
    read_since = models.DateTimeField(null=True, editable=False)

    objects = OnHostQuerySet["Relay"].as_manager()

    class Meta:
        verbose_name = _("DHCP relay")
        verbose_name_plural = _("DHCP relays")

    def __str__(self) -> str:
        return str(self.host)

    def get_absolute_url(self) -> str:
        return reverse("dhcp:relay", args=[self.pk])

    def facts(self) -> said.Relay:
        """As pure code knows it."""
        return said.Relay(
            host=self.host.name,
            servers=tuple(self.servers),
            interfaces=tuple(self.interfaces),
            options=tuple(self.options),
            giaddr=tuple(self.giaddr),
            uplinks=tuple(self.uplinks),
        )


class Exchange(models.Model):
    """A conversation of one client (`dhcp.facts.logs.Conversation`); `lines` are its messages, as JSON.

    `mac` is what the client is called: of DHCPv6 the MAC in its address on the link or in its DUID, or one of these;
    `client_id` is the DUID.
    """

    id = models.BigAutoField(primary_key=True)
    server = models.ForeignKey(Server, models.CASCADE, related_name="exchanges", db_index=False)
    mac = models.CharField(_("MAC"), max_length=60)
    client_id = models.CharField(_("client id"), max_length=600, blank=True)
    ip = models.CharField(_("address"), max_length=43, blank=True)
    key = models.CharField(max_length=KEY_LENGTH, blank=True, editable=False)
    hostname = models.CharField(_("host name"), max_length=255, blank=True)
    via = models.CharField(_("came in at"), max_length=60, blank=True)
    relay = models.CharField(_("relay"), max_length=43, blank=True)
    outcome = models.CharField(_("outcome"), max_length=16)
    reason = WordsField(_("reason"), blank=True)
    started_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"))
    lines = models.JSONField(default=list)

    objects = OfServerQuerySet["Exchange"].as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.UniqueConstraint(fields=["server", "mac", "started_at"], name="dhcp_exchange_once_per_beginning")
        ]
        indexes = [
            models.Index(fields=["mac", "-started_at"], name="dhcp_exchange_by_mac"),
            models.Index(fields=["client_id"], name="dhcp_exchange_by_client_id", opclasses=[BEGINNING]),
            models.Index(fields=["-started_at"], name="dhcp_exchange_by_time"),
            models.Index(fields=["hostname", "-started_at"], name="dhcp_exchange_by_hostname"),
            models.Index(fields=["outcome", "-started_at"], name="dhcp_exchange_by_outcome"),
            models.Index(fields=["key", "-started_at"], name="dhcp_exchange_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.mac} {self.started_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("dhcp:exchange", args=[self.pk])


class ProblemQuerySet(models.QuerySet["Problem"]):
    """Findings by whose they are."""

    def visible_to(self, user: User) -> Self:
        """Those at servers and relays on hosts of the person's organizations."""
        if user.sees_everything:
            return self
        mine = list(user.organizations.values_list("pk", flat=True))
        return self.filter(Q(server__host__organization__in=mine) | Q(relay__host__organization__in=mine))

    def at_work(self) -> Self:
        """Without those of hosts in maintenance."""
        return self.exclude(server__host__is_in_maintenance=True).exclude(relay__host__is_in_maintenance=True)

    def on(self, host: Host) -> Self:
        """Those of a host's servers and of its relay."""
        return self.filter(Q(server__host=host) | Q(relay__host=host))


class Problem(models.Model):
    """A finding about a server, its networks or what its log says; kept while it is so (`dhcp.facts.check.Check`).

    `source` tells which look found it ("preflight", "picture", "log"), so that each look replaces only its own. What no
    server can be told to have is at the `relay`: that it passes requests on to nobody whom the panel knows.
    """

    server = models.ForeignKey(Server, models.CASCADE, null=True, related_name="problems", db_index=False)
    relay = models.ForeignKey(Relay, models.CASCADE, null=True, related_name="problems", db_index=False)
    source = models.CharField(max_length=16)
    rule = models.CharField(_("rule"), max_length=60)
    subject = models.CharField(_("subject"), max_length=255, blank=True)
    severity = models.CharField(_("severity"), max_length=16, choices=Severity)
    title = WordsField(_("title"))
    why = WordsField(_("why"), blank=True)
    what_to_do = WordsField(_("what to do"), blank=True)
    place_kind = models.CharField(max_length=30, blank=True)
    place_name = models.CharField(max_length=255, blank=True)
    place_field = models.CharField(max_length=60, blank=True)
    mend_words = WordsField(blank=True)
    mend_value = models.TextField(blank=True)
    found_at = models.DateTimeField(_("found"))
    seen_at = models.DateTimeField(_("last seen"))

    objects = ProblemQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        constraints = [
            models.UniqueConstraint(
                fields=["server", "source", "rule", "subject", "place_name"], name="dhcp_problem_once"
            ),
            models.UniqueConstraint(
                fields=["relay", "source", "rule", "subject", "place_name"], name="dhcp_problem_of_relay_once"
            ),
            models.CheckConstraint(
                condition=Q(server__isnull=False) ^ Q(relay__isnull=False), name="dhcp_problem_at_one_place"
            ),
        ]
        indexes = [models.Index(fields=["severity", "-found_at"], name="dhcp_problem_by_severity")]

    def __str__(self) -> str:
        return f"{self.rule} {self.subject}".strip()

    @property
    def at(self) -> Server | Relay:
        """The server, or the relay, that has it."""
        found = self.server or self.relay
        if found is None:
            raise ValueError("a finding is at a server or at a relay")
        return found


class Errand(models.Model):
    """Something that a worker does on a server's host for a person who waits; `asked` and `answer` are JSON."""

    server = models.ForeignKey(Server, models.CASCADE, related_name="errands")
    kind = models.CharField(_("what"), max_length=16, choices=ErrandKind)
    state = models.CharField(_("state"), max_length=16, choices=ErrandState, default=ErrandState.WAITING)
    asked = models.JSONField(default=dict)
    answer = models.JSONField(default=dict)
    why = WordsField(_("why"), blank=True)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    began_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    objects = OfServerQuerySet["Errand"].as_manager()

    class Meta:
        verbose_name = _("errand")
        verbose_name_plural = _("errands")
        indexes = [models.Index(fields=["state", "asked_at"], name="dhcp_errand_by_state")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.server})"
