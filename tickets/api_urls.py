"""Every path of the desk's API under /api/v1/."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from tickets.api.entries import AttachmentViewSet, EntryViewSet
from tickets.api.people import (
    AgentViewSet,
    BanViewSet,
    ContactViewSet,
    DepartmentViewSet,
    HelpTopicViewSet,
    PriorityViewSet,
    SlaViewSet,
    StatusViewSet,
    TeamViewSet,
)
from tickets.api.tickets import TicketViewSet
from tickets.api.work import CannedViewSet, DeliveryViewSet, QueueViewSet, TaskViewSet, WebhookViewSet

router = SimpleRouter()
router.register("tickets", TicketViewSet, basename="api-ticket")
router.register("entries", EntryViewSet, basename="api-entry")
router.register("attachments", AttachmentViewSet, basename="api-attachment")
router.register("tasks", TaskViewSet, basename="api-task")
router.register("canned-responses", CannedViewSet, basename="api-canned")
router.register("queues", QueueViewSet, basename="api-queue")
router.register("contacts", ContactViewSet, basename="api-contact")
router.register("bans", BanViewSet, basename="api-ban")
router.register("departments", DepartmentViewSet, basename="api-department")
router.register("teams", TeamViewSet, basename="api-team")
router.register("agents", AgentViewSet, basename="api-agent")
router.register("statuses", StatusViewSet, basename="api-status")
router.register("priorities", PriorityViewSet, basename="api-priority")
router.register("help-topics", HelpTopicViewSet, basename="api-help-topic")
router.register("slas", SlaViewSet, basename="api-sla")
router.register("webhooks/deliveries", DeliveryViewSet, basename="api-delivery")
router.register("webhooks", WebhookViewSet, basename="api-webhook")

urlpatterns = router.urls
