"""What a program wants planned in, one change or a rollout out; sent again with the same key it is the same one."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q
from rest_framework.request import Request
from rest_framework.response import Response

from hosts.choices import Source
from hosts.errors import NotAllowed
from hosts.facts.proposal import Proposal
from hosts.facts.words import gettext_noop, words
from hosts.models import Change, Host, ManagedFile, Rollout, User
from hosts.permissions import actor
from hosts.serializers.planning import PlannedSerializer
from hosts.services.once import plan_once
from hosts.services.rollouts import plan_for_hosts
from hosts.tasks import compare_change

KEY_HEADER = "Idempotency-Key"


def chosen_hosts(asker: User, sent: dict[str, Any]) -> list[Host]:
    """The hosts by id, and all that the asker sees with the tag or the role; each once, by name."""
    wanted = Q(pk__in=[host.pk for host in sent.get("hosts", ())])
    if sent.get("tag"):
        wanted |= Q(tags=sent["tag"])
    if sent.get("role"):
        wanted |= Q(role_rows__role=sent["role"])
    return list(
        Host.objects.visible_to(asker).filter(wanted).select_related("organization").distinct().order_by("name")
    )


def planned(
    request: Request,
    hosts: Sequence[Host],
    propose: Callable[[Host], Proposal],
    reasons: dict[str, Any],
    *,
    source: str = Source.API,
    managed: ManagedFile | None = None,
) -> Response:
    """Plan it for these hosts, wake workers to compare, and answer with what came of it."""
    by = actor(request)

    def plan() -> Change | Rollout:
        return plan_for_hosts(hosts, propose, by=by, source=source, managed=managed, **reasons)

    return answer_once(request, plan)


def answer_once(request: Request, plan: Callable[[], Change | Rollout]) -> Response:
    """Plan once for each Idempotency-Key: 201 for what was planned now, 200 for what was planned before."""
    row, is_new = plan_once(request.headers.get(KEY_HEADER, ""), _sent(request), plan, by=actor(request))
    change = row if isinstance(row, Change) else None
    rollout = row if isinstance(row, Rollout) else None
    if is_new:
        for pk in (
            [change.pk]
            if change
            else Change.objects.filter(rollout=rollout).order_by("pk").values_list("pk", flat=True)
        ):
            compare_change.delay_on_commit(pk)
    elif not _still_visible(request, row):
        raise NotAllowed(
            words(gettext_noop("What this request planned belongs to an organization that is not yours any more."))
        )
    answer = PlannedSerializer({"change": change, "rollout": rollout}, context={"request": request})
    return Response(answer.data, status=201 if is_new else 200)


def _still_visible(request: Request, row: Change | Rollout) -> bool:
    rows: Any = type(row).objects
    return bool(rows.visible_to(request.user).filter(pk=row.pk).exists())


def _sent(request: Request) -> bytes:
    """The request in a form that is the same for the same wish."""
    return json.dumps([request.path, request.data], sort_keys=True, default=str).encode()
