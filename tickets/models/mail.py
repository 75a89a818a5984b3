"""Mailboxes, and what came in through them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hosts.models.sealed import SealedField
from hosts.models.words import WordsField
from tickets.choices import (
    AfterFetch,
    IncomingState,
    MailboxState,
    MailLogin,
    MailProtocol,
    Security,
)
from tickets.facts.mailbox import Grant, MailServer
from tickets.facts.smtp import SmtpServer
from tickets.models.house import Department
from tickets.models.labels import HelpTopic, Priority
from tickets.models.stored import StoredFile
from tickets.models.thread import Entry
from tickets.models.ticket import Ticket

PORT = [MinValueValidator(1), MaxValueValidator(65535)]


class MailboxQuerySet(models.QuerySet["Mailbox"]):
    """Mailboxes by what one asks about them."""

    def due(self, now: datetime) -> Self:
        """Those to be fetched from now that nobody fetches from."""
        return self.filter(is_active=True, next_poll_at__lte=now).exclude(protocol=MailProtocol.NONE)


class Mailbox(models.Model):
    """An address of the desk: how its mail is fetched and how mail is sent from it."""

    name = models.CharField(_("name shown to people"), max_length=100)
    address = models.EmailField(_("address"))
    is_active = models.BooleanField(_("active"), default=True)
    department = models.ForeignKey(
        Department, models.SET_NULL, null=True, blank=True, related_name="mailboxes", verbose_name=_("department")
    )
    topic = models.ForeignKey(HelpTopic, models.SET_NULL, null=True, blank=True, verbose_name=_("help topic"))
    priority = models.ForeignKey(Priority, models.SET_NULL, null=True, blank=True, verbose_name=_("priority"))
    acknowledges = models.BooleanField(_("acknowledges new tickets"), default=True)

    protocol = models.CharField(_("fetched by"), max_length=8, choices=MailProtocol, default=MailProtocol.IMAP)
    host = models.CharField(_("server"), max_length=253, blank=True)
    port = models.PositiveIntegerField(_("port"), default=993, validators=PORT)
    security = models.CharField(_("security"), max_length=8, choices=Security, default=Security.TLS)
    login = models.CharField(_("login"), max_length=16, choices=MailLogin, default=MailLogin.PASSWORD)
    username = models.CharField(_("user"), max_length=254, blank=True)
    secret = SealedField(null=True, editable=False)
    ca_certificate = models.TextField(
        _("certificate authority"), blank=True, help_text=_("PEM, where the server's is not a public one.")
    )
    folder = models.CharField(_("folder"), max_length=200, default="INBOX")
    poll_seconds = models.PositiveIntegerField(
        _("seconds between polls"), default=60, validators=[MinValueValidator(5)]
    )
    uses_idle = models.BooleanField(_("wait for mail on the line (IDLE)"), default=False)
    after_fetch = models.CharField(_("after fetching"), max_length=8, choices=AfterFetch, default=AfterFetch.MOVE)
    move_to = models.CharField(_("move to folder"), max_length=200, blank=True, default="Fetched")

    smtp_host = models.CharField(_("SMTP server"), max_length=253, blank=True)
    smtp_port = models.PositiveIntegerField(_("SMTP port"), default=465, validators=PORT)
    smtp_security = models.CharField(_("SMTP security"), max_length=8, choices=Security, default=Security.TLS)
    smtp_login = models.CharField(_("SMTP login"), max_length=16, choices=MailLogin, default=MailLogin.PASSWORD)
    smtp_username = models.CharField(_("SMTP user"), max_length=254, blank=True)
    smtp_secret = SealedField(null=True, editable=False)
    fallback = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("send through instead"),
        help_text=_("Another mailbox whose server is tried where this one cannot be reached."),
    )

    state = models.CharField(_("state"), max_length=16, choices=MailboxState, default=MailboxState.NEW, editable=False)
    state_why = WordsField(_("why"), blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    alerted_at = models.DateTimeField(null=True, editable=False)
    polled_at = models.DateTimeField(_("last fetched"), null=True, editable=False)
    worked_at = models.DateTimeField(_("last worked"), null=True, editable=False)
    next_poll_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)
    claim = models.UUIDField(null=True, editable=False)
    heartbeat_at = models.DateTimeField(null=True, editable=False)
    uid_validity = models.PositiveBigIntegerField(default=0, editable=False)
    last_uid = models.PositiveBigIntegerField(default=0, editable=False)
    test_asked_at = models.DateTimeField(null=True, editable=False)
    test_done_at = models.DateTimeField(null=True, editable=False)
    test_steps = models.JSONField(default=list, editable=False)

    objects = MailboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        constraints = [
            models.UniqueConstraint(
                Lower("address"),
                name="tickets_mailbox_once",
                violation_error_message=_("There is a mailbox with this address."),
            )
        ]

    def __str__(self) -> str:
        return self.address

    def facts(self, access_token: str = "") -> MailServer:
        """How mail is fetched from it, secrets opened. `access_token` is the password of an OAuth2 login."""
        secret = self.opened("secret")
        return MailServer(
            host=self.host,
            port=self.port,
            protocol=MailProtocol(self.protocol),
            security=Security(self.security),
            login=MailLogin(self.login),
            username=self.username or self.address,
            password=access_token or secret.get("password", ""),
            grant=grant_of(secret) if self.login == MailLogin.OAUTH2 else None,
            ca_certificate=self.ca_certificate,
            folder=self.folder or "INBOX",
            after_fetch=AfterFetch(self.after_fetch),
            move_to=self.move_to,
        )

    def smtp_facts(self, access_token: str = "") -> SmtpServer:
        """How mail is sent through it, secrets opened. `access_token` is the password of an OAuth2 login."""
        secret = self.opened("smtp_secret")
        return SmtpServer(
            host=self.smtp_host,
            port=self.smtp_port,
            security=Security(self.smtp_security),
            login=MailLogin(self.smtp_login),
            username=self.smtp_username or self.username or self.address,
            password=access_token or secret.get("password", ""),
            grant=grant_of(secret) if self.smtp_login == MailLogin.OAUTH2 else None,
            ca_certificate=self.ca_certificate,
            hello=self.address.rpartition("@")[2].encode("ascii", "replace").decode().replace("?", "-") or "localhost",
        )

    def opened(self, which: str) -> dict[str, str]:
        """The opened secret `secret` or `smtp_secret`: JSON {"password"} or {"client_id", "refresh_token", ...}."""
        sealed = getattr(self, which)
        found: dict[str, str] = json.loads(sealed.open()) if sealed else {}
        return found


def grant_of(secret: dict[str, str]) -> Grant:
    """The OAuth2 part of an opened secret."""
    return Grant(
        token_url=secret.get("token_url", ""),
        client_id=secret.get("client_id", ""),
        client_secret=secret.get("client_secret", ""),
        refresh_token=secret.get("refresh_token", ""),
        scope=secret.get("scope", ""),
    )


class IncomingMailQuerySet(models.QuerySet["IncomingMail"]):
    """Kept mails by what one asks about them."""

    def silent(self, since: datetime) -> Self:
        """Those whose worker has not been heard of since then."""
        return self.filter(state=IncomingState.RUNNING, heartbeat_at__lte=since)

    def waiting(self, now: datetime) -> Self:
        """Those that a worker may take now."""
        return self.filter(state=IncomingState.KEPT).filter(Q(next_try_at=None) | Q(next_try_at__lte=now))


class IncomingMail(models.Model):
    """One mail as it came, before anything is thought about it.

    `remote_id` is UIDVALIDITY:UID, or the UIDL, "" for a pipe. `mail_key` is the Message-ID, or the digest where
    there is none: set when the mail is taken in, and unique, so that the same mail makes one entry however it came.
    """

    mailbox = models.ForeignKey(Mailbox, models.SET_NULL, null=True, blank=True, related_name="mails")
    remote_id = models.CharField(max_length=200, blank=True)
    raw = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    mail_key = models.CharField(max_length=80, unique=True, null=True)
    state = models.CharField(_("state"), max_length=16, choices=IncomingState, default=IncomingState.KEPT)
    why = WordsField(_("why"), blank=True)
    trouble = models.TextField(_("trace"), blank=True)
    sender = models.CharField(_("from"), max_length=254, blank=True)
    subject = models.CharField(_("subject"), max_length=255, blank=True)
    is_off_server = models.BooleanField(default=False, help_text="moved, deleted or marked there")
    entry = models.ForeignKey(Entry, models.SET_NULL, null=True, related_name="mails")
    ticket = models.ForeignKey(Ticket, models.SET_NULL, null=True, related_name="mails")
    claim = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(_("fetched"), default=timezone.now)
    handled_at = models.DateTimeField(_("handled"), null=True)

    objects = IncomingMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("incoming mail")
        verbose_name_plural = _("incoming mails")
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox", "remote_id"], condition=~Q(remote_id=""), name="tickets_mail_once_per_mailbox"
            )
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="tickets_mail_by_state"),
            models.Index(fields=["mailbox", "id"], condition=Q(is_off_server=False), name="tickets_mail_on_server"),
        ]

    def __str__(self) -> str:
        return self.subject or f"mail {self.pk}"
