"""Webhooks: saved and deleted; what happens queued for them; a delivery claimed, and what came of it recorded."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.db import transaction
from django.utils import timezone

from hosts.errors import BadInput, NotAllowed
from hosts.facts.words import Words, gettext_noop, words
from hosts.models.sealed import Sealed
from hosts.services.audit import Actor, note
from tickets.choices import EventKind, OutgoingState
from tickets.facts.webhook import Call
from tickets.models import Ticket, Webhook, WebhookDelivery
from tickets.models.read_once import once
from tickets.rules.backoff import wait_seconds
from tickets.services import later

KINDS = (*(kind.value for kind in EventKind), "message", "reply", "note")
MOST_TRIES = 8
GIVEN_UP_AFTER = timedelta(minutes=5)
KEPT_FOR = timedelta(days=30)


@transaction.atomic
def save_webhook(row: Webhook, *, by: Actor, secret: str = "") -> tuple[Webhook, str]:
    """Create or change a webhook; (row, its secret where it is new or was replaced, else ""). Administrators only."""
    _require_administrator(by)
    _check(row)
    is_new = row.pk is None
    shown = secret or (secrets.token_urlsafe(32) if is_new else "")
    if shown:
        row.secret = Sealed.of(shown)
    if is_new:
        row.made_by = by.user
    row.full_clean(exclude=["events"])  # none is all of them
    row.save()
    note(by, "create" if is_new else "change", row, details={"address": ["", row.url], "events": ["", str(row.events)]})
    return row, shown


@transaction.atomic
def delete_webhook(row: Webhook, *, by: Actor) -> None:
    """Delete it with what waits for it and its log."""
    _require_administrator(by)
    note(by, "delete", row)
    row.delete()


def queue(event: str, ticket: Ticket, data: Mapping[str, Any], *, by: Actor) -> None:
    """A delivery for each webhook that asks for `event`; part of the transaction of the event itself."""
    payload = None
    rows = []
    for hook in once("webhooks", lambda: tuple(Webhook.objects.filter(is_active=True).defer("secret"))):
        if hook.events and event not in hook.events:
            continue
        payload = payload or _payload(event, ticket, data, by)
        rows.append(WebhookDelivery(webhook=hook, event=event, payload=payload))
    later.put(*rows)


def due(now: datetime, most: int = 50) -> list[int]:
    """Keys of the deliveries that a worker may take now."""
    rows = WebhookDelivery.objects.filter(state=OutgoingState.WAITING, next_try_at__lte=now)
    return list(rows.order_by("next_try_at").values_list("pk", flat=True)[:most])


@transaction.atomic
def claim(pk: int) -> tuple[uuid.UUID, Call] | None:
    """Take one delivery; (claim, call), or None where somebody else has it or its webhook is off."""
    token, now = uuid.uuid4(), timezone.now()
    free = WebhookDelivery.objects.filter(pk=pk, state=OutgoingState.WAITING, next_try_at__lte=now)
    if not free.update(state=OutgoingState.SENDING, claim=token, next_try_at=now + GIVEN_UP_AFTER):
        return None
    row = WebhookDelivery.objects.select_related("webhook").get(pk=pk)
    if not row.webhook.is_active:
        row.state, row.claim = OutgoingState.HELD, None
        row.why = words(gettext_noop("The webhook is off."))
        row.save(update_fields=["state", "claim", "why"])
        return None
    body = json.dumps(row.payload | {"delivery": row.pk}, ensure_ascii=False, separators=(",", ":")).encode()
    return token, Call(row.pk, row.webhook.url, row.event, body, row.webhook.secret.open())


@transaction.atomic
def record(pk: int, token: uuid.UUID, *, status_code: int | None, why: Words | None) -> None:
    """What came of it: sent where `why` is None; else tried again later, and given up after MOST_TRIES."""
    row = WebhookDelivery.objects.select_for_update().filter(pk=pk, claim=token, state=OutgoingState.SENDING).first()
    if row is None:  # taken back as lost: the other worker records
        return
    row.tries += 1
    row.claim, row.status_code = None, status_code
    if why is None:
        row.state, row.why, row.sent_at = OutgoingState.SENT, "", timezone.now()
    else:
        row.state = OutgoingState.FAILED if row.tries >= MOST_TRIES else OutgoingState.WAITING
        row.why = why
        row.next_try_at = timezone.now() + timedelta(seconds=wait_seconds(row.tries))
    row.save()


@transaction.atomic
def take_back_lost(now: datetime) -> int:
    """Deliveries whose worker went away wait again, and old ones leave the log; how many were taken back."""
    WebhookDelivery.objects.filter(state=OutgoingState.SENT, created_at__lt=now - KEPT_FOR).delete()
    lost = WebhookDelivery.objects.filter(state=OutgoingState.SENDING, next_try_at__lt=now)
    return lost.update(state=OutgoingState.WAITING, claim=None, next_try_at=now)


@transaction.atomic
def send_again(row: WebhookDelivery, *, by: Actor) -> WebhookDelivery:
    """Put a delivery that failed or was sent back into the queue."""
    _require_administrator(by)
    WebhookDelivery.objects.filter(pk=row.pk).exclude(state=OutgoingState.SENDING).update(
        state=OutgoingState.WAITING, tries=0, next_try_at=timezone.now(), why="", claim=None
    )
    note(by, "send again", row)
    row.refresh_from_db()
    return row


def _payload(event: str, ticket: Ticket, data: Mapping[str, Any], by: Actor) -> dict[str, Any]:
    return {
        "event": event,
        "at": timezone.now().isoformat(),
        "by": by.name,
        "data": dict(data),
        "ticket": {
            "id": ticket.pk,
            "number": ticket.number,
            "subject": ticket.subject,
            "state": ticket.state,
            "department": ticket.department_id,
            "agent": ticket.agent_id,
            "team": ticket.team_id,
            "contact": ticket.contact_id,
            "organization": ticket.organization_id,
        },
    }


def _check(row: Webhook) -> None:
    parts = urlsplit(row.url)
    is_plain = parts.scheme in ("http", "https") and parts.hostname and not (parts.username or parts.password)
    if not is_plain or not _has_port(parts):
        raise BadInput(
            words(gettext_noop("The address must begin with https:// or http://, and carry no login.")), field="url"
        )
    unknown = [kind for kind in row.events if kind not in KINDS]
    if unknown:
        raise BadInput(words(gettext_noop("There is no event “%(kind)s”."), kind=str(unknown[0])[:40]), field="events")


def _has_port(parts: SplitResult) -> bool:
    """Whether the port is one, or none is named."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def _require_administrator(by: Actor) -> None:
    if by.user is not None and not by.user.is_superuser:
        raise NotAllowed(words(gettext_noop("Only administrators may change webhooks. Nothing was changed.")))
