"""The people who ask, and what the desk knows of their organizations."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from hosts.models import Organization, User
from hosts.models.people import validate_time_zone
from hosts.models.words import WordsField
from tickets.choices import Sharing
from tickets.models.house import Agent, Sla


class Customer(models.Model):
    """What the desk knows of an organization."""

    organization = models.OneToOneField(
        Organization, models.CASCADE, related_name="customer", verbose_name=_("organization")
    )
    account_manager = models.ForeignKey(
        Agent, models.SET_NULL, null=True, blank=True, related_name="customers", verbose_name=_("account manager")
    )
    assigns_manager = models.BooleanField(_("new tickets go to the account manager"), default=False)
    sharing = models.CharField(
        _("who sees everybody's tickets"), max_length=16, choices=Sharing, default=Sharing.PRIMARY
    )
    sla = models.ForeignKey(Sla, models.SET_NULL, null=True, blank=True, verbose_name=_("SLA"))
    notes = models.TextField(_("notes"), blank=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return str(self.organization)


class CustomerDomain(models.Model):
    """A mail domain whose senders belong to an organization."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="domains")
    domain = models.CharField(
        _("domain"),
        max_length=253,
        unique=True,
        validators=[
            RegexValidator(r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", _("A domain in small letters, like example.com."))
        ],
    )

    class Meta:
        verbose_name = _("mail domain")
        verbose_name_plural = _("mail domains")

    def __str__(self) -> str:
        return self.domain


class ContactQuerySet(models.QuerySet["Contact"]):
    """Contacts, narrowed to what somebody may see."""

    def visible_to(self, user: User) -> Self:
        """Those of the person's organizations; those of none belong to people who see everything."""
        return self if user.sees_everything else self.filter(organization__members=user)

    def by_address(self, email: str) -> Self:
        """The one who has this address, in whatever case."""
        return self.filter(addresses__email__iexact=email)


class Contact(models.Model):
    """A person who asks for help, with or without a login."""

    name = models.CharField(_("name"), max_length=200, blank=True)
    organization = models.ForeignKey(
        Organization,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("organization"),
    )
    is_primary = models.BooleanField(_("primary contact of the organization"), default=False)
    user = models.OneToOneField(
        User, models.SET_NULL, null=True, blank=True, related_name="contact", verbose_name=_("login")
    )
    phone = models.CharField(_("phone"), max_length=64, blank=True)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, validators=[validate_time_zone])
    notes = models.TextField(_("notes"), blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [
            models.Index(fields=["organization", "name"], name="tickets_contact_by_org"),
            models.Index(fields=["name", "id"], name="tickets_contact_by_name"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def email(self) -> str:
        """The address that mail goes to; uses prefetched rows."""
        mine = sorted(self.addresses.all(), key=lambda one: (not one.is_main, one.pk))
        return mine[0].email if mine else ""


class ContactAddress(models.Model):
    """One of a contact's mail addresses. An address belongs to one person only."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="addresses")
    email = models.CharField(_("e-mail"), max_length=254)
    is_main = models.BooleanField(_("mail goes here"), default=False)
    failed_at = models.DateTimeField(_("failed"), null=True, blank=True, editable=False)
    failed_why = WordsField(_("why"), blank=True, editable=False)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="tickets_address_once",
                violation_error_message=_("Somebody else has this address."),
            ),
            models.UniqueConstraint(
                fields=["contact"], condition=Q(is_main=True), name="tickets_contact_one_main_address"
            ),
        ]

    def __str__(self) -> str:
        return self.email


class Ban(models.Model):
    """An address (or @domain) whose mail opens and joins nothing."""

    pattern = models.CharField(_("address or @domain"), max_length=254, unique=True)
    notes = models.TextField(_("notes"), blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("banned address")
        verbose_name_plural = _("banned addresses")

    def __str__(self) -> str:
        return self.pattern
