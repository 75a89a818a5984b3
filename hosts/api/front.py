"""What all views share: rows that the asker may see, and writes that go through one service call."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from hosts.models import User
from hosts.permissions import actor
from hosts.services.audit import Actor


class ScopedViewSet(GenericViewSet[Any]):
    """Rows of one model through `visible_to`, so that what belongs to others answers 404 like what is not there.

    `needs` names scope and permission by action (hosts.permissions.ScopedModelPermissions);
    `detail_serializer_class` shows one row.
    """

    detail_serializer_class: Any = None

    def get_queryset(self) -> Any:
        rows: Any = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return rows.visible_to(self.request.user) if hasattr(rows, "visible_to") else rows

    def get_serializer_class(self) -> Any:
        if self.action != "list" and self.detail_serializer_class is not None:
            return self.detail_serializer_class
        return super().get_serializer_class()

    @property
    def asker(self) -> User:
        """Who asks."""
        return person(self.request)

    def by(self) -> Actor:
        """Who asks, for the book."""
        return actor(self.request)

    def checked(self, serializer_class: Any, *, instance: Any = None, partial: bool = False) -> Any:
        """The serializer of what was sent, valid."""
        serializer = serializer_class(
            instance, data=self.request.data, partial=partial, context=self.get_serializer_context()
        )
        serializer.is_valid(raise_exception=True)
        return serializer

    def shown(self, row: Any, *, status: int = 200) -> Response:
        """One row read anew, so that the answer is what the database holds."""
        fresh = self.get_queryset().get(pk=row.pk)
        shape: Any = self.detail_serializer_class or self.serializer_class
        return Response(shape(fresh, context=self.get_serializer_context()).data, status=status)


def person(request: Request) -> User:
    """Who asks; permissions have seen to it that it is a person."""
    if not isinstance(request.user, User):
        raise TypeError("permissions let nobody in")
    return request.user


def apply_fields(row: Any, values: dict[str, Any], *, leave_out: tuple[str, ...] = ()) -> Any:
    """The row with `values` set, not saved; what is no column of it (`leave_out`) is for the service."""
    for name, value in values.items():
        if name not in leave_out:
            setattr(row, name, value)
    return row
