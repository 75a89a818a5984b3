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


class TicketState(TextChoices):
    """The five states. What a status is called is a house's own choice; what it means is one of these."""

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


class Permission(TextChoices):
    """What a role allows on tickets of a department. The words are osTicket's, and what it lacks."""

    CREATE = "create", _("Open tickets")
    EDIT = "edit", _("Edit tickets")
    ASSIGN = "assign", _("Assign")
    RELEASE = "release", _("Release")
    TRANSFER = "transfer", _("Transfer")
    REFER = "refer", _("Refer")
    MERGE = "merge", _("Merge, split and unmerge")
    LINK = "link", _("Link")
    REPLY = "reply", _("Reply")
    NOTE = "note", _("Write notes")
    FORWARD = "forward", _("Forward")
    MARK_ANSWERED = "mark-answered", _("Mark as answered")
    CLOSE = "close", _("Resolve, close and reopen")
    DELETE = "delete", _("Delete")
    EDIT_THREAD = "edit-thread", _("Edit the thread")
    TASKS = "tasks", _("Manage tasks")
    MANAGE_CANNED = "manage-canned", _("Manage canned responses")
    MANAGE_KB = "manage-kb", _("Manage the knowledge base")
    MANAGE_CONTACTS = "manage-contacts", _("Manage contacts")
    BAN = "ban", _("Ban addresses")


class Sharing(TextChoices):
    """Who of an organization sees the tickets of its other people."""

    NOBODY = "nobody", _("Nobody")
    PRIMARY = "primary", _("Primary contacts")
    EVERYONE = "everyone", _("Everyone")


class SignatureKind(TextChoices):
    """Whose signature stands under an answer."""

    NONE = "none", _("None")
    OWN = "own", _("My own")
    DEPARTMENT = "department", _("The department's")


class TicketSource(TextChoices):
    """The way a ticket or an entry came in."""

    MAIL = "mail", _("E-mail")
    WEB = "web", _("Portal")
    DESK = "desk", _("Opened by an agent")
    PHONE = "phone", _("Phone")
    API = "api", _("API")
    PANEL = "panel", _("Found by the panel")


class NumberKind(TextChoices):
    """How ticket numbers are made."""

    SEQUENCE = "sequence", _("One after the other")
    RANDOM = "random", _("Random")


class EntryKind(TextChoices):
    """Who speaks in a thread entry, and to whom."""

    MESSAGE = "message", _("Message")
    RESPONSE = "response", _("Response")
    NOTE = "note", _("Internal note")


class EventKind(TextChoices):
    """What happened to a ticket between two entries."""

    CREATED = "created", _("opened the ticket")
    RESOLVED = "resolved", _("resolved the ticket")
    CLOSED = "closed", _("closed the ticket")
    ARCHIVED = "archived", _("archived the ticket")
    REOPENED = "reopened", _("opened the ticket again")
    STATUS = "status", _("changed the status")
    ASSIGNED = "assigned", _("assigned the ticket")
    RELEASED = "released", _("released the ticket")
    TRANSFERRED = "transferred", _("transferred the ticket")
    REFERRED = "referred", _("referred the ticket")
    EDITED = "edited", _("edited the ticket")
    OVERDUE = "overdue", _("The ticket is overdue")
    COLLABORATOR = "collaborator", _("changed who is in copy")
    OWNER = "owner", _("changed the owner")
    MERGED = "merged", _("merged the ticket")
    UNMERGED = "unmerged", _("took a merged ticket out again")
    SPLIT = "split", _("split the ticket")
    LINKED = "linked", _("linked the ticket")
    UNLINKED = "unlinked", _("removed a link")
    FORWARDED = "forwarded", _("forwarded an entry")
    DELETED = "deleted", _("deleted the ticket")
    RESTORED = "restored", _("restored the ticket")
    ENTRY_EDITED = "entry-edited", _("edited an entry")
    BOUNCED = "bounced", _("A mail could not be delivered")
    TASK = "task", _("changed a task")
    MENTIONED = "mentioned", _("mentioned somebody")


class MailProtocol(TextChoices):
    """How mail is fetched from a mailbox."""

    NONE = "none", _("Not fetched (sending only, or by a pipe)")
    IMAP = "imap", _("IMAP")
    POP3 = "pop3", _("POP3")


class Security(TextChoices):
    """How the line to a mail server is kept private. Certificates are always verified."""

    TLS = "tls", _("TLS")
    STARTTLS = "starttls", _("STARTTLS")
    NONE = "none", _("None (only on this machine)")


class MailLogin(TextChoices):
    """How the panel proves who it is to a mail server."""

    NONE = "none", _("No login")
    PASSWORD = "password", _("Password")
    OAUTH2 = "oauth2", _("OAuth2 refresh token")


class AfterFetch(TextChoices):
    """What becomes of a mail on its server once it is kept here."""

    MOVE = "move", _("Move to a folder")
    DELETE = "delete", _("Delete")
    MARK = "mark", _("Mark as read")


class MailboxState(TextChoices):
    """How a mailbox does."""

    NEW = "new", _("Not tried yet")
    WELL = "well", _("Works")
    FAILING = "failing", _("Fails")


class IncomingState(TextChoices):
    """Where a mail is on its way into a ticket."""

    KEPT = "kept", _("Waiting")
    RUNNING = "running", _("Being read")
    TAKEN = "taken", _("In a ticket")
    IGNORED = "ignored", _("Ignored")
    REJECTED = "rejected", _("Rejected")
    QUARANTINED = "quarantined", _("In quarantine")


class OutgoingState(TextChoices):
    """Where a mail is on its way out."""

    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    BOUNCED = "bounced", _("Bounced")
    HELD = "held", _("Held back")


class MailKind(TextChoices):
    """The mails that the desk writes: osTicket's nineteen, and what follows from resolving and forwarding."""

    TICKET_AUTORESPONSE = "ticket.autoresp", _("To the owner: your request arrived")
    TICKET_AUTOREPLY = "ticket.autoreply", _("To the owner: a canned answer of a filter")
    MESSAGE_AUTORESPONSE = "message.autoresp", _("To the owner: your message arrived")
    TICKET_NOTICE = "ticket.notice", _("To the owner: opened for you by an agent")
    TICKET_OVERLIMIT = "ticket.overlimit", _("To the owner: too many open tickets")
    TICKET_REPLY = "ticket.reply", _("To the owner: an agent's answer")
    ACTIVITY_NOTICE = "ticket.activity.notice", _("To collaborators: something new")
    TICKET_RESOLVED = "ticket.resolved", _("To the owner: the ticket is resolved")
    TICKET_FORWARD = "ticket.forward", _("To somebody else: a forwarded entry")
    TICKET_ALERT = "ticket.alert", _("To agents: a new ticket")
    MESSAGE_ALERT = "message.alert", _("To agents: a new message")
    NOTE_ALERT = "note.alert", _("To agents: a new note")
    ASSIGNED_ALERT = "assigned.alert", _("To agents: a ticket was assigned")
    TRANSFER_ALERT = "transfer.alert", _("To agents: a ticket was transferred")
    OVERDUE_ALERT = "ticket.overdue", _("To agents: a ticket is overdue")
    TASK_ALERT = "task.alert", _("To agents: a new task")
    TASK_ACTIVITY_NOTICE = "task.activity.notice", _("To collaborators: a task moved")
    TASK_ACTIVITY_ALERT = "task.activity.alert", _("To agents: a task moved")
    TASK_ASSIGNED_ALERT = "task.assignment.alert", _("To agents: a task was assigned")
    TASK_TRANSFER_ALERT = "task.transfer.alert", _("To agents: a task was transferred")
    TASK_OVERDUE_ALERT = "task.overdue.alert", _("To agents: a task is overdue")
    MAILBOX_ALERT = "mailbox.alert", _("To administrators: a mailbox fails")


class AlertTo(TextChoices):
    """Who is told, in the matrix of alerts."""

    ADMINS = "admins", _("Administrators")
    ASSIGNED_AGENT = "assigned-agent", _("Assigned agent")
    ASSIGNED_TEAM = "assigned-team", _("Members of the assigned team")
    TEAM_LEAD = "team-lead", _("Lead of the assigned team")
    LAST_RESPONDENT = "last-respondent", _("Who answered last")
    MANAGER = "manager", _("Manager of the department")
    MEMBERS = "members", _("Members of the department")
    ACCOUNT_MANAGER = "account-manager", _("Account manager of the organization")
    FOLLOWERS = "followers", _("Followers")
