"""Every path of the API under /api/v1/."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from hosts.api.book import AuditViewSet
from hosts.api.changes import ChangeViewSet
from hosts.api.drift import HostFileViewSet
from hosts.api.hosts import FactsViewSet, HostViewSet
from hosts.api.house import CredentialViewSet, OrganizationViewSet, TagViewSet
from hosts.api.importing import ImportViewSet
from hosts.api.managed import ManagedFileViewSet
from hosts.api.rollouts import RolloutViewSet
from hosts.api.tokens import MeViewSet, TokenViewSet

router = SimpleRouter()
router.register("hosts/import", ImportViewSet, basename="api-host-import")
router.register("hosts", HostViewSet, basename="api-host")
router.register("facts", FactsViewSet, basename="api-facts")
router.register("organizations", OrganizationViewSet, basename="api-organization")
router.register("tags", TagViewSet, basename="api-tag")
router.register("credentials", CredentialViewSet, basename="api-credential")
router.register("managed-files", ManagedFileViewSet, basename="api-managed-file")
router.register("files", HostFileViewSet, basename="api-file")
router.register("changes", ChangeViewSet, basename="api-change")
router.register("rollouts", RolloutViewSet, basename="api-rollout")
router.register("audit", AuditViewSet, basename="api-audit")
router.register("tokens", TokenViewSet, basename="api-token")

urlpatterns = [
    path("me/", MeViewSet.as_view({"get": "retrieve"}), name="api-me"),
    path("", include(router.urls)),
]
