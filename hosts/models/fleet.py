"""Hosts, the ways into them and the keys they show."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hosts.choices import CredentialKind, HostKeyState, HostRole, HostState
from hosts.errors import BadInput
from hosts.facts.machine import HostFacts, Login, PinnedKey
from hosts.facts.words import gettext_noop, words
from hosts.models.people import Organization, User
from hosts.models.sealed import SealedField
from hosts.models.words import WordsField

LONGEST_JUMP = 4


class CredentialQuerySet(models.QuerySet["Credential"]):
    """Credentials, narrowed to what somebody may use."""

    def visible_to(self, user: User) -> Self:
        """Those of the person's organizations; those of none belong to people who see everything."""
        return self if user.sees_everything else self.filter(organization__members=user)


class Credential(models.Model):
    """A private key or a password with which the panel logs in. The secret part is never shown again."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=16, choices=CredentialKind, default=CredentialKind.PRIVATE_KEY)
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="credentials",
        verbose_name=_("organization"),
    )
    public_key = models.TextField(
        _("public key"), blank=True, editable=False, help_text=_("The line for authorized_keys on the hosts.")
    )
    fingerprint = models.CharField(_("fingerprint"), max_length=64, blank=True, editable=False)
    secret = SealedField(editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")

    def __str__(self) -> str:
        return self.name

    def login(self, username: str) -> Login:
        """The opened secret for one login. The sealed value is JSON: {"private_key", "passphrase"} or {"password"}."""
        return Login(username=username, **json.loads(self.secret.open()))


class Tag(models.Model):
    """A free word that groups hosts."""

    name = models.CharField(
        _("name"),
        max_length=64,
        unique=True,
        validators=[RegexValidator(r"^[^\s,]+$", _("No blanks, no commas."))],
    )

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class HostQuerySet(models.QuerySet["Host"]):
    """Hosts by what one asks about them."""

    def visible_to(self, user: User) -> Self:
        """Those of the person's organizations; those of none belong to people who see everything."""
        return self if user.sees_everything else self.filter(organization__members=user)

    def speakable(self) -> Self:
        """Those that the panel may speak to by itself: a key accepted, not in maintenance, a credential set."""
        return self.filter(
            state__in=(HostState.REACHABLE, HostState.UNREACHABLE),
            is_in_maintenance=False,
            credential__isnull=False,
        )

    def facts_due(self, now: datetime) -> Self:
        """Speakable hosts whose facts are old enough to be read again."""
        return self.speakable().filter(Q(next_facts_at__isnull=True) | Q(next_facts_at__lte=now))


class Host(models.Model):
    """One machine, and the way to it."""

    name = models.CharField(
        _("name"),
        max_length=253,
        unique=True,
        validators=[
            RegexValidator(r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$", _("Letters, digits, dots, hyphens."))
        ],
    )
    address = models.CharField(
        _("address"),
        max_length=253,
        validators=[RegexValidator(r"^[A-Za-z0-9:%._-]+$", _("An IPv4 or IPv6 address, or a DNS name."))],
        help_text=_("IPv4, IPv6 or DNS name the panel connects to."),
    )
    port = models.PositiveIntegerField(
        _("SSH port"), default=22, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    username = models.CharField(
        _("user"),
        max_length=64,
        default="root",
        validators=[RegexValidator(r"^[A-Za-z0-9_][A-Za-z0-9_.@$-]*$", _("A user name of the host."))],
    )
    use_sudo = models.BooleanField(
        _("use sudo"),
        default=False,
        help_text=_("For a user other than root; sudo must not ask for a password."),
    )
    credential = models.ForeignKey(
        Credential, models.PROTECT, null=True, blank=True, related_name="hosts", verbose_name=_("credential")
    )
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="hosts",
        verbose_name=_("organization"),
    )
    site = models.CharField(_("site"), max_length=100, blank=True, db_index=True, help_text=_("Where it stands."))
    tags = models.ManyToManyField(Tag, related_name="hosts", blank=True, verbose_name=_("tags"))
    notes = models.TextField(_("notes"), blank=True)
    jump_host = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reached_through",
        verbose_name=_("jump host"),
        help_text=_("Go through this host to reach it."),
    )
    needs_second_person = models.BooleanField(
        _("four eyes"),
        default=False,
        help_text=_("A change needs the approval of somebody other than its planner."),
    )
    is_in_maintenance = models.BooleanField(
        _("maintenance"), default=False, help_text=_("The panel leaves it alone unless a person asks.")
    )

    state = models.CharField(_("state"), max_length=16, choices=HostState, default=HostState.NEW, editable=False)
    state_since = models.DateTimeField(_("since"), null=True, editable=False)
    state_why = WordsField(_("why"), blank=True, editable=False)
    last_seen_at = models.DateTimeField(_("last seen"), null=True, editable=False)
    next_facts_at = models.DateTimeField(null=True, editable=False, db_index=True)
    facts_asked_at = models.DateTimeField(null=True, editable=False)
    next_drift_at = models.DateTimeField(null=True, editable=False, db_index=True)
    os_name = models.CharField(_("system"), max_length=120, blank=True, editable=False)
    kernel = models.CharField(_("kernel"), max_length=120, blank=True, editable=False)
    needs_reboot = models.BooleanField(_("reboot pending"), default=False, editable=False)
    findings_count = models.PositiveIntegerField(_("findings"), default=0, editable=False)
    drifted_count = models.PositiveIntegerField(_("drifted files"), default=0, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = HostQuerySet.as_manager()

    class Meta:
        verbose_name = _("host")
        verbose_name_plural = _("hosts")
        constraints = [
            models.CheckConstraint(condition=Q(port__gte=1, port__lte=65535), name="hosts_host_port_is_a_tcp_port"),
            models.UniqueConstraint("address", "port", "jump_host", name="hosts_host_address_and_port_once"),
            models.UniqueConstraint(
                fields=["address", "port"],
                condition=Q(jump_host__isnull=True),  # no jump host is a null, and nulls are never equal
                name="hosts_host_direct_address_and_port_once",
                violation_error_message=_("Another host has this address and port."),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "name"], name="hosts_host_by_state"),
            models.Index(fields=["organization", "name"], name="hosts_host_by_organization"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("hosts:host-detail", args=[self.pk])

    @property
    def roles(self) -> list[str]:
        """The values of HostRole, in the order of the list; uses prefetched rows."""
        mine = {row.role for row in self.role_rows.all()}
        return [role.value for role in HostRole if role.value in mine]

    @property
    def role_labels(self) -> list[str]:
        """What the roles are called on pages."""
        return [str(HostRole(role).label) for role in self.roles]

    def facts(self, *, jumps_left: int = LONGEST_JUMP) -> HostFacts:
        """All that `outside` may know, with the secrets opened. BadInput where something needed is missing."""
        if self.credential is None:
            raise BadInput(
                words(gettext_noop("%(host)s has no credential. Choose one on the host's page."), host=self.name),
                field="credential",
            )
        if jumps_left == 0:
            raise BadInput(
                words(
                    gettext_noop("The chain of jump hosts at %(host)s is too long or runs in a circle."), host=self.name
                ),
                field="jump_host",
            )
        return HostFacts(
            id=self.pk,
            name=self.name,
            address=self.address,
            port=self.port,
            login=self.credential.login(self.username),
            sudo=self.use_sudo,
            keys=tuple(
                PinnedKey(key.key_type, key.public) for key in self.keys.all() if key.state == HostKeyState.ACCEPTED
            ),
            jump=self.jump_host.facts(jumps_left=jumps_left - 1) if self.jump_host else None,
        )


class HostRoleRow(models.Model):
    """That a host has a role; rows, so that both databases can filter by it with an index."""

    host = models.ForeignKey(Host, models.CASCADE, related_name="role_rows")
    role = models.CharField(_("role"), max_length=16, choices=HostRole)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [models.UniqueConstraint("host", "role", name="hosts_role_once_per_host")]
        indexes = [models.Index(fields=["role", "host"], name="hosts_role_by_role")]

    def __str__(self) -> str:
        return f"{self.host_id}: {self.role}"


class HostKey(models.Model):
    """A public key that a host showed, and what a person said of it."""

    host = models.ForeignKey(Host, models.CASCADE, related_name="keys")
    key_type = models.CharField(_("type"), max_length=64)
    public = models.TextField(_("public key"), help_text=_("Base64 of the key as sent by the host."))
    fingerprint = models.CharField(_("fingerprint"), max_length=64, help_text="SHA256:…")
    state = models.CharField(_("state"), max_length=16, choices=HostKeyState, default=HostKeyState.OFFERED)
    seen_at = models.DateTimeField(_("seen at"), auto_now_add=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided at"), null=True)

    class Meta:
        verbose_name = _("host key")
        verbose_name_plural = _("host keys")
        constraints = [models.UniqueConstraint("host", "key_type", "public", name="hosts_host_key_once_per_host")]

    def __str__(self) -> str:
        return f"{self.key_type} {self.fingerprint}"
