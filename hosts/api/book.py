"""The book of writes, read only."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from hosts.api.front import ScopedViewSet
from hosts.models import AuditEntry
from hosts.serializers.access import AuditEntrySerializer
from hosts.serializers.filters import AuditFilter


@extend_schema(tags=["audit"])
class AuditViewSet(ListModelMixin, RetrieveModelMixin, ScopedViewSet):
    """Who wrote what, when, through which door. Nothing here can be changed."""

    queryset = AuditEntry.objects.all()
    serializer_class = AuditEntrySerializer
    filterset_class = AuditFilter
