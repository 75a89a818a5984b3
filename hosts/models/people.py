"""Organizations and people: whose machines they are, and who asks."""

from __future__ import annotations

from typing import Any, ClassVar, Self
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


def validate_time_zone(name: str) -> None:
    """Refuse a name that the tz database does not know."""
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone. Type one like Asia/Seoul."), params={"name": name})


class OrganizationQuerySet(models.QuerySet["Organization"]):
    """Organizations, narrowed to what somebody may see."""

    def visible_to(self, user: User) -> Self:
        """Those of the person's scope."""
        return self if user.sees_everything else self.filter(members=user)


class Organization(models.Model):
    """A customer, or a part of the own house: whose hosts and tickets they are."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    notes = models.TextField(_("notes"), blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Makes people; an e-mail address is kept in lower case so that it is found however it is typed."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person with a login; without a password nobody can log in as them."""
        if not email:
            raise ValueError("a person needs an e-mail address")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person who may do everything."""
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who can log in: an operator or agent (staff), or a customer."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("May open the panel."))
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Take this away instead of deleting a person.")
    )
    all_organizations = models.BooleanField(
        _("all organizations"),
        default=False,
        help_text=_("Sees the hosts of every organization and those of none."),
    )
    organizations = models.ManyToManyField(
        Organization, related_name="members", blank=True, verbose_name=_("organizations")
    )
    must_change_password = models.BooleanField(_("must change password"), default=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="hosts_user_email_once")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def sees_everything(self) -> bool:
        """Whether no organization is hidden from this person."""
        return self.is_superuser or self.all_organizations

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)
