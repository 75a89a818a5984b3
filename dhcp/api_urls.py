"""Every path of DHCP under /api/v1/dhcp/."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from dhcp.api import clients, networks, servers

router = SimpleRouter()
router.register("servers", servers.ServerViewSet, basename="api-dhcp-server")
router.register("relays", servers.RelayViewSet, basename="api-dhcp-relay")
router.register("site", servers.SiteViewSet, basename="api-dhcp-site")
router.register("errands", servers.ErrandViewSet, basename="api-dhcp-errand")
router.register("shared-networks", networks.SharedNetworkViewSet, basename="api-dhcp-shared-network")
router.register("subnets", networks.SubnetViewSet, basename="api-dhcp-subnet")
router.register("pools", networks.PoolViewSet, basename="api-dhcp-pool")
router.register("groups", networks.GroupViewSet, basename="api-dhcp-group")
router.register("classes", networks.ClassViewSet, basename="api-dhcp-class")
router.register("subclasses", networks.SubclassViewSet, basename="api-dhcp-subclass")
router.register("option-spaces", networks.SpaceViewSet, basename="api-dhcp-space")
router.register("option-definitions", networks.DefinitionViewSet, basename="api-dhcp-definition")
router.register("zones", networks.ZoneViewSet, basename="api-dhcp-zone")
router.register("peers", networks.PeerViewSet, basename="api-dhcp-peer")
router.register("keys", networks.KeyViewSet, basename="api-dhcp-key")
router.register("reservations", clients.ReservationViewSet, basename="api-dhcp-reservation")
router.register("leases", clients.LeaseViewSet, basename="api-dhcp-lease")
router.register("conversations", clients.ExchangeViewSet, basename="api-dhcp-exchange")
router.register("diagnose", clients.DiagnosisViewSet, basename="api-dhcp-diagnosis")
router.register("findings", clients.ProblemViewSet, basename="api-dhcp-problem")

urlpatterns = [path("dhcp/", include(router.urls))]
