"""What the desk's views share: rows within an agent's reach, verbs done once for each key, files taken in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.db import models
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from hosts.api.front import ScopedViewSet
from hosts.choices import Scope
from hosts.errors import NotAllowed
from hosts.facts.words import gettext_noop, words
from hosts.permissions import actor
from hosts.services.once import make_once
from tickets.facts.verbs import NewFile
from tickets.models import Agent, Ticket
from tickets.services import access, files
from tickets.tasks import send

KEY_HEADER = "Idempotency-Key"
ONCE = OpenApiParameter(
    KEY_HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Any text. The same request sent again with it within a week makes nothing new and answers 200.",
)
READ = (Scope.READ, "")
WRITE = (Scope.PLAN, "")
Row = TypeVar("Row", bound=models.Model)


class DeskViewSet(ScopedViewSet):
    """Rows of the desk. The token needs the scope `read` or `plan`; what the person may do is decided by their role.

    `through` is the path from the row to its ticket, "" where the row has none.
    """

    through = ""

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        if not self.through or getattr(self, "swagger_fake_view", False):
            return rows
        return rows.filter(**{f"{self.through}__in": Ticket.objects.visible_to(self.asker)})

    def shown(self, row: Any, *, status: int = 200) -> Response:
        """The row as the database holds it; 204 where the verb took it out of the person's sight."""
        fresh = self.get_queryset().filter(pk=row.pk).first()
        if fresh is None:
            return Response(status=204)
        shape: Any = self.detail_serializer_class or self.serializer_class
        return Response(shape(fresh, context=self.get_serializer_context()).data, status=status)

    @property
    def agent_or_none(self) -> Agent | None:
        """Who asks, as an agent; None for others."""
        return access.agent_of(self.asker)

    @property
    def agent(self) -> Agent:
        """Who asks, as an agent; NotAllowed for others, such as an administrator who answers no tickets."""
        found = self.agent_or_none
        if found is None:
            raise NotAllowed(words(gettext_noop("Only agents can do this. An administrator can make you one.")))
        return found


def needs(*, reads: Iterable[str] = (), writes: Iterable[str] = ()) -> dict[str, tuple[str, str]]:
    """Scope and permission by action, for ScopedModelPermissions: roles decide the rest."""
    return {**dict.fromkeys(("list", "retrieve", *reads), READ), **dict.fromkeys(writes, WRITE)}


def once(request: Request, make: Callable[[], Row], *, extra: object = None) -> tuple[Row, int]:
    """(row, status): 201 for what was made now, 200 for what the same request with the same key made before.

    `extra` tells requests apart whose data does not (uploaded files). Wakes the workers that carry mail.
    """
    sent = json.dumps([request.path, request.data, extra], sort_keys=True, default=str).encode()
    row, is_new = make_once(request.headers.get(KEY_HEADER, ""), sent, make, by=actor(request))
    send.wake()
    return row, 201 if is_new else 200


def taken_in(sent: Iterable[dict[str, Any]]) -> tuple[NewFile, ...]:
    """Files of a request, kept: {name, content_type, content}."""
    return tuple(files.keep(one["name"], one["content_type"], (one["content"],)) for one in sent)
