"""The rows of tickets, one file for each idea."""

from tickets.models.contact import Ban, Contact, ContactAddress, Customer, CustomerDomain
from tickets.models.house import (
    Agent,
    Department,
    DepartmentAccess,
    DeskSettings,
    Role,
    Schedule,
    Sequence,
    Sla,
    Team,
    TeamMember,
    TemplateSet,
)
from tickets.models.labels import HelpTopic, Priority, Status
from tickets.models.mail import IncomingMail, Mailbox
from tickets.models.outgoing import MailTemplate, OutgoingMail
from tickets.models.stored import StoredFile
from tickets.models.thread import Attachment, Entry, EntryVersion, Event
from tickets.models.ticket import Collaborator, Follower, Referral, Ticket, TicketLink, Viewing
from tickets.models.work import CannedFile, CannedResponse, Draft, SavedQueue, Task, Webhook, WebhookDelivery

__all__ = [
    "Agent",
    "Attachment",
    "Ban",
    "CannedFile",
    "CannedResponse",
    "Collaborator",
    "Contact",
    "ContactAddress",
    "Customer",
    "CustomerDomain",
    "Department",
    "DepartmentAccess",
    "DeskSettings",
    "Draft",
    "Entry",
    "EntryVersion",
    "Event",
    "Follower",
    "HelpTopic",
    "IncomingMail",
    "MailTemplate",
    "Mailbox",
    "OutgoingMail",
    "Priority",
    "Referral",
    "Role",
    "SavedQueue",
    "Schedule",
    "Sequence",
    "Sla",
    "Status",
    "StoredFile",
    "Task",
    "Team",
    "TeamMember",
    "TemplateSet",
    "Ticket",
    "TicketLink",
    "Viewing",
    "Webhook",
    "WebhookDelivery",
]
