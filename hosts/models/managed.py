"""Files that the panel keeps on hosts, and what is known of each copy."""

from __future__ import annotations

from typing import Self

from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hosts.choices import DriftState, HostRole
from hosts.models.change import Change, FileContent
from hosts.models.fleet import Host, HostQuerySet, Tag
from hosts.models.people import Organization, User
from hosts.models.words import WordsField


class ManagedFileQuerySet(models.QuerySet["ManagedFile"]):
    """Managed files, narrowed to what somebody may see."""

    def visible_to(self, user: User) -> Self:
        """Those of the person's organizations."""
        return self if user.sees_everything else self.filter(organization__members=user)


class ManagedFile(models.Model):
    """A file with variables of the host, for one host or a group of them."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="managed_files",
        verbose_name=_("organization"),
        help_text=_("Only hosts of this organization get it; empty: of any."),
    )
    path = models.CharField(
        _("path"),
        max_length=4096,
        help_text=_("Absolute path on the host."),
        validators=[RegexValidator(r"^/[^\0]+\Z", _("An absolute path, such as /etc/motd."))],
    )
    body = models.ForeignKey(FileContent, models.PROTECT, related_name="+", verbose_name=_("content"))
    owner = models.CharField(_("owner"), max_length=64, default="root")
    group = models.CharField(_("group"), max_length=64, default="root")
    mode = models.PositiveIntegerField(_("mode"), default=0o644, validators=[MaxValueValidator(0o7777)])
    is_secret = models.BooleanField(
        _("secret"),
        default=False,
        help_text=_("Its diff says only that it changed; the text is never shown in a change."),
    )
    make_parents = models.BooleanField(_("create missing directories"), default=False)
    check_command = models.CharField(
        _("check"),
        max_length=500,
        blank=True,
        help_text=_("Runs before the file is in place; {staged} is its path. Such as: visudo -cf {staged}"),
    )
    activate_command = models.CharField(
        _("activate"), max_length=500, blank=True, help_text=_("Such as: systemctl reload nginx")
    )
    verify_command = models.CharField(
        _("verify"), max_length=500, blank=True, help_text=_("Such as: systemctl is-active nginx")
    )
    guard_seconds = models.PositiveIntegerField(
        _("guard"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(3600)],
        help_text=_("Seconds after which the host puts the old state back by itself unless the panel gets through."),
    )
    hosts = models.ManyToManyField(Host, related_name="managed_files", blank=True, verbose_name=_("hosts"))
    tags = models.ManyToManyField(
        Tag,
        related_name="managed_files",
        blank=True,
        verbose_name=_("tags"),
        help_text=_("All hosts with one of them."),
    )
    role = models.CharField(
        _("role"), max_length=16, choices=HostRole, blank=True, help_text=_("All hosts with this role.")
    )
    variables = models.JSONField(
        _("variables"), default=dict, blank=True, help_text=_("Own values for {{ var.NAME }}.")
    )
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = ManagedFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("managed file")
        verbose_name_plural = _("managed files")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("hosts:managed-file-detail", args=[self.pk])

    def targets(self) -> HostQuerySet:
        """Every host that is to have it."""
        chosen = Q(managed_files=self) | Q(tags__managed_files=self)
        if self.role:
            chosen |= Q(role_rows__role=self.role)
        hosts = Host.objects.filter(chosen)
        if self.organization_id:
            hosts = hosts.filter(organization=self.organization_id)
        return hosts.distinct()


class Override(models.Model):
    """A host that keeps its own text of a managed file: what "adopt" makes of a drifted copy."""

    managed_file = models.ForeignKey(ManagedFile, models.CASCADE, related_name="overrides")
    host = models.ForeignKey(Host, models.CASCADE, related_name="overrides")
    content = models.ForeignKey(FileContent, models.PROTECT, related_name="+")
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("own version of a host")
        verbose_name_plural = _("own versions of hosts")
        constraints = [models.UniqueConstraint("managed_file", "host", name="hosts_override_once_per_host")]

    def __str__(self) -> str:
        return f"{self.managed_file} on {self.host}"


class HostFileQuerySet(models.QuerySet["HostFile"]):
    """Files under management, narrowed to what somebody may see."""

    def visible_to(self, user: User) -> Self:
        """Those on hosts of the person's organizations."""
        return self if user.sees_everything else self.filter(host__organization__members=user)

    def drifted(self) -> Self:
        """Those that are not what the panel put there."""
        return self.filter(state__in=(DriftState.DRIFTED, DriftState.MISSING))


class HostFile(models.Model):
    """What the panel last put at a path of a host, and whether it still lies there."""

    host = models.ForeignKey(Host, models.CASCADE, related_name="files")
    path = models.CharField(_("path"), max_length=4096)
    path_digest = models.CharField(max_length=64, editable=False)
    managed_file = models.ForeignKey(ManagedFile, models.SET_NULL, null=True, related_name="copies")
    change = models.ForeignKey(Change, models.PROTECT, related_name="+", verbose_name=_("put there by"))
    content = models.ForeignKey(FileContent, models.PROTECT, related_name="+")
    owner = models.CharField(max_length=64)
    group = models.CharField(max_length=64)
    mode = models.PositiveIntegerField()
    is_secret = models.BooleanField(default=False)
    state = models.CharField(_("state"), max_length=16, choices=DriftState, default=DriftState.IN_PLACE)
    checked_at = models.DateTimeField(_("last looked at"), null=True)
    drifted_at = models.DateTimeField(_("drift seen at"), null=True)
    drift_words = WordsField(_("what differs"), blank=True)
    live_owner = models.CharField(max_length=64, blank=True)
    live_group = models.CharField(max_length=64, blank=True)
    live_mode = models.PositiveIntegerField(null=True)
    live_content = models.ForeignKey(FileContent, models.PROTECT, null=True, related_name="+")

    objects = HostFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file under management")
        verbose_name_plural = _("files under management")
        constraints = [models.UniqueConstraint("host", "path_digest", name="hosts_host_file_path_once")]
        indexes = [models.Index(fields=["state", "host"], name="hosts_host_file_by_state")]

    def __str__(self) -> str:
        return f"{self.host}:{self.path}"
