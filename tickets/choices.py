"""Closed lists of words. A value is stored as it is and never shown; the label is what people read."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class FateKind(TextChoices):
    """What becomes of a mail."""

    REPLY = "reply", _("Joins a ticket")
    NEW = "new", _("Becomes a new ticket")
    NOTE = "note", _("Becomes an internal note")
    IGNORE = "ignore", _("Ignored")
    REJECT = "reject", _("Rejected")


class AutomaticKind(TextChoices):
    """Who wrote a mail, if it was no person."""

    REPLIED = "auto-replied", _("Automatic reply")
    GENERATED = "auto-generated", _("Sent by a program")
    LIST = "list", _("Mailing list or bulk mail")
    BOUNCE = "bounce", _("Report of a mail server")


class FoldKind(TextChoices):
    """Why a stretch of a mail's text is folded away."""

    MARKER = "marker", _("Below our reply line")
    QUOTE = "quote", _("Quoted mail")
    UUENCODE = "uuencode", _("Attachment inside the text")


class TargetState(TextChoices):
    """The state of a ticket that a mail points at."""

    OPEN = "open", _("Open")
    RESOLVED = "resolved", _("Resolved")
    CLOSED = "closed", _("Closed")
    ARCHIVED = "archived", _("Archived")
    DELETED = "deleted", _("Deleted")


class PartRole(TextChoices):
    """What the sender of a mail is to the ticket it points at."""

    OWNER = "owner", _("Owner")
    COLLABORATOR = "collaborator", _("Collaborator")
    AGENT = "agent", _("Agent")
    STRANGER = "stranger", _("Stranger")
