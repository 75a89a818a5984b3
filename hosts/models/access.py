"""API tokens, and the book of who wrote what."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hosts.choices import Via
from hosts.models.people import Organization, User


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Tokens, narrowed to what somebody may see."""

    def visible_to(self, user: User) -> Self:
        """One's own only, whoever one is: a token acts as its person."""
        return self.filter(user=user)


class ApiToken(models.Model):
    """A key for a program that acts as a person. Only its SHA-256 is kept; the key is shown once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens", verbose_name=_("person"))
    name = models.CharField(_("name"), max_length=100, help_text=_("What uses it."))
    prefix = models.CharField(_("begins with"), max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=list, help_text=_("Any of read, plan, approve, apply."))
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """The book, narrowed to what somebody may read."""

    def visible_to(self, user: User) -> Self:
        """Entries about the person's organizations, and what they did themselves."""
        if user.sees_everything:
            return self
        return self.filter(Q(organization__members=user) | Q(actor=user)).distinct()


class AuditEntry(models.Model):
    """One write: who, when, through which door, what. Never changed, never deleted by the panel."""

    at = models.DateTimeField(_("at"), auto_now_add=True, db_index=True)
    actor = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("who"))
    actor_name = models.CharField(_("who"), max_length=254)
    via = models.CharField(_("through"), max_length=16, choices=Via)
    token_name = models.CharField(_("token"), max_length=100, blank=True)
    address = models.GenericIPAddressField(_("from address"), null=True)
    action = models.CharField(_("action"), max_length=64)
    object_type = models.CharField(_("kind"), max_length=64)
    object_id = models.CharField(max_length=64)
    object_name = models.CharField(_("what"), max_length=254)
    organization = models.ForeignKey(Organization, models.SET_NULL, null=True, related_name="+")
    details = models.JSONField(
        _("details"), default=dict, help_text=_("Field: [before, after]; secrets only as “changed”.")
    )

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        indexes = [models.Index(fields=["object_type", "object_id", "-id"], name="hosts_audit_by_object")]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.action} {self.object_name}"
