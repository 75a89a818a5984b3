"""What the views of DHCP share: rows that are judged when they are written, creates done once for each key."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from dhcp.facts.check import Check
from dhcp.services import editing
from hosts.api.front import ScopedViewSet, apply_fields
from hosts.choices import Severity
from hosts.permissions import actor
from hosts.serializers.pages import KeyPagination
from hosts.services.once import make_once

KEY_HEADER = "Idempotency-Key"
ONCE = OpenApiParameter(
    KEY_HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Any text. The same request sent again with it within a week makes nothing new and answers 200.",
)
CONFIRMED = OpenApiParameter(
    "confirmed", bool, description="That machines lose addresses or settings they have is meant."
)
NOT_COLUMNS = ("confirmed", "ranges", "addresses", "prefixes", "leaves_range", "secret")
Row = TypeVar("Row", bound=models.Model)


class ByKey(KeyPagination):
    """Leases by address."""

    ordering = "key"

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> tuple[str, ...]:
        """By the index that addresses have."""
        return ("key", "id")


class ByTime(KeyPagination):
    """Conversations, the newest first."""

    ordering = "-started_at"

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> tuple[str, ...]:
        """By the index that times have."""
        return ("-started_at", "-id")


class DhcpViewSet(ScopedViewSet):
    """Rows of DHCP."""

    def asked(self, serializer_class: Any) -> dict[str, Any]:
        """The query string, checked."""
        serializer = serializer_class(data=self.request.query_params, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


class DeclaredViewSet(ListModelMixin, RetrieveModelMixin, DhcpViewSet):
    """Rows of a server that people write. Each edit is judged as a whole: what must not be sent is refused (400 with
    the field), what takes addresses away has to be `confirmed`, what is worth a look comes back as `warnings`.
    """

    model: Any = None
    is_confirmable = True

    def create(self, request: Request) -> Response:
        """Add one."""
        sent = self.checked(self.serializer_class).validated_data
        checks: list[Check] = []

        def make() -> Any:
            row = self.model()
            checks.extend(self._write(row, sent))
            return row

        row, status = once(request, make)
        return self._told(row, checks, status)

    @extend_schema(methods=["patch"])
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is named; the rest stays."""
        row = self.get_object()
        sent = self.checked(self.serializer_class, instance=row, partial=True).validated_data
        return self._told(row, self._write(row, sent), 200)

    @extend_schema(parameters=[CONFIRMED])
    def destroy(self, request: Request, pk: str) -> Response:
        """Take it out of the panel. The host keeps it until the next change is applied there."""
        confirmed = request.query_params.get("confirmed", "").lower() in ("1", "true", "yes")
        editing.delete(self.get_object(), by=self.by(), confirmed=confirmed)
        return Response(status=204)

    def save(self, row: Any, sent: dict[str, Any]) -> list[Check]:
        """One service call; `sent` has what is no column."""
        return editing.save_network(row, by=self.by(), confirmed=sent.get("confirmed", False))

    def _write(self, row: Any, sent: dict[str, Any]) -> list[Check]:
        return self.save(apply_fields(row, sent, leave_out=NOT_COLUMNS), sent)

    def _told(self, row: Any, checks: list[Check], status: int) -> Response:
        fresh = self.get_queryset().filter(pk=row.pk).first()
        if fresh is None:  # it belongs to somebody else now
            return Response(status=204)
        grave = [each for each in checks if each.finding.severity != Severity.NOTE]
        told = [editing.told(each).said_by(gettext) for each in grave]
        shape: Any = self.serializer_class
        context = {**self.get_serializer_context(), "warnings": told}
        return Response(shape(fresh, context=context).data, status=status)


def once(request: Request, make: Callable[[], Row]) -> tuple[Row, int]:
    """(row, status): 201 for what was made now, 200 for what the same request with the same key made before."""
    sent = json.dumps([request.path, request.data], sort_keys=True, default=str).encode()
    row, is_new = make_once(request.headers.get(KEY_HEADER, ""), sent, make, by=actor(request))
    return row, 201 if is_new else 200
