"""Many tickets at once: the same step for each, done or refused on its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from hosts.errors import Explainable
from hosts.facts.words import reason
from hosts.services.fleet import tag_of
from tickets.api.front import DeskViewSet
from tickets.models import Ticket
from tickets.serializers.many import DoneForManySerializer, ManySerializer
from tickets.services import assign, edits, state
from tickets.tasks import send

Step = Callable[[Ticket], object]


class ManyMixin(DeskViewSet):
    """What is done with the selected tickets of a queue."""

    @extend_schema(request=ManySerializer, responses=DoneForManySerializer)
    @action(detail=False, methods=["post"], pagination_class=None, filterset_class=None)
    def selected(self, request: Request) -> Response:
        """One step for up to 500 tickets. One that is refused does not hold up the others: the answer says which."""
        sent = self.checked(ManySerializer).validated_data
        step = self._step(sent)
        done: list[int] = []
        refused: list[dict[str, Any]] = []
        for ticket in sent["tickets"]:
            try:
                with transaction.atomic():
                    step(ticket)
                    send.wake()
            except Explainable as error:
                refused.append({"ticket": ticket.pk, "detail": reason(error).said_by(gettext)})
            else:
                done.append(ticket.pk)
        return Response(DoneForManySerializer({"done": done, "refused": refused}).data)

    def _step(self, sent: dict[str, Any]) -> Step:
        by, wanted = self.by(), sent["do"]
        tags = [tag_of(name) for name in sent["tags"]] if wanted == "tags" else []
        who = {name: sent[name] for name in ("agent", "team") if sent.get(name) is not None}
        me = self.agent if wanted == "claim" else None
        steps: dict[str, Step] = {
            "claim": lambda ticket: assign.assign(ticket, agent=me, by=by),
            "assign": lambda ticket: assign.assign(ticket, by=by, **who),
            "release": lambda ticket: assign.release(ticket, by=by),
            "transfer": lambda ticket: assign.transfer(ticket, sent["department"], by=by),
            "status": lambda ticket: state.set_status(ticket, sent["status"], by=by),
            "tags": lambda ticket: edits.set_labels(ticket, tags=[*ticket.tags.all(), *tags], by=by),
        }
        return steps[wanted]
