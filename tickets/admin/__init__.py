"""Settings of the desk: rows that people configure, saved through services."""

from tickets.admin.agents import AgentAdmin, RoleAdmin, TeamAdmin
from tickets.admin.canned import CannedResponseAdmin
from tickets.admin.house import DepartmentAdmin, DeskSettingsAdmin, ScheduleAdmin, SequenceAdmin, SlaAdmin
from tickets.admin.labels import HelpTopicAdmin, PriorityAdmin, StatusAdmin
from tickets.admin.mailboxes import MailboxAdmin
from tickets.admin.people import BanAdmin, ContactAdmin, CustomerAdmin
from tickets.admin.templates import MailTemplateAdmin, TemplateSetAdmin
from tickets.admin.webhooks import WebhookAdmin, WebhookDeliveryAdmin

__all__ = [
    "AgentAdmin",
    "BanAdmin",
    "CannedResponseAdmin",
    "ContactAdmin",
    "CustomerAdmin",
    "DepartmentAdmin",
    "DeskSettingsAdmin",
    "HelpTopicAdmin",
    "MailTemplateAdmin",
    "MailboxAdmin",
    "PriorityAdmin",
    "RoleAdmin",
    "ScheduleAdmin",
    "SequenceAdmin",
    "SlaAdmin",
    "StatusAdmin",
    "TeamAdmin",
    "TemplateSetAdmin",
    "WebhookAdmin",
    "WebhookDeliveryAdmin",
]
