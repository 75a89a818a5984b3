"""Every path of the desk's API under /api/v1/."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from tickets.api.entries import AttachmentViewSet, EntryViewSet
from tickets.api.mail import IncomingMailViewSet, MailboxViewSet, OutgoingMailViewSet
from tickets.api.order import (
    AgentViewSet,
    DepartmentViewSet,
    DeskSettingsViewSet,
    HelpTopicViewSet,
    PriorityViewSet,
    RoleViewSet,
    ScheduleViewSet,
    SequenceViewSet,
    SlaViewSet,
    StatusViewSet,
    TeamViewSet,
)
from tickets.api.people import BanViewSet, ContactViewSet, CustomerViewSet
from tickets.api.tickets import TicketViewSet
from tickets.api.words import MailTemplateViewSet, TemplateSetViewSet
from tickets.api.work import CannedViewSet, DeliveryViewSet, QueueViewSet, TaskViewSet, WebhookViewSet

router = SimpleRouter()
router.register("tickets", TicketViewSet, basename="api-ticket")
router.register("entries", EntryViewSet, basename="api-entry")
router.register("attachments", AttachmentViewSet, basename="api-attachment")
router.register("tasks", TaskViewSet, basename="api-task")
router.register("canned-responses", CannedViewSet, basename="api-canned")
router.register("queues", QueueViewSet, basename="api-queue")
router.register("contacts", ContactViewSet, basename="api-contact")
router.register("customers", CustomerViewSet, basename="api-customer")
router.register("bans", BanViewSet, basename="api-ban")
router.register("departments", DepartmentViewSet, basename="api-department")
router.register("teams", TeamViewSet, basename="api-team")
router.register("agents", AgentViewSet, basename="api-agent")
router.register("roles", RoleViewSet, basename="api-role")
router.register("statuses", StatusViewSet, basename="api-status")
router.register("priorities", PriorityViewSet, basename="api-priority")
router.register("help-topics", HelpTopicViewSet, basename="api-help-topic")
router.register("slas", SlaViewSet, basename="api-sla")
router.register("schedules", ScheduleViewSet, basename="api-schedule")
router.register("sequences", SequenceViewSet, basename="api-sequence")
router.register("template-sets", TemplateSetViewSet, basename="api-template-set")
router.register("mail-templates", MailTemplateViewSet, basename="api-mail-template")
router.register("mailboxes", MailboxViewSet, basename="api-mailbox")
router.register("incoming-mails", IncomingMailViewSet, basename="api-incoming-mail")
router.register("outgoing-mails", OutgoingMailViewSet, basename="api-outgoing-mail")
router.register("webhooks/deliveries", DeliveryViewSet, basename="api-delivery")
router.register("webhooks", WebhookViewSet, basename="api-webhook")

desk_settings = DeskSettingsViewSet.as_view({"get": "retrieve", "patch": "partial_update"})
urlpatterns = [path("desk-settings/", desk_settings, name="api-desk-settings"), *router.urls]
