"""The log of webhooks: what it shows to whom, and calls made again."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hosts.models.sealed import Sealed
from tests import make
from tests.hosts.pages import logged_in, said, text_of, url
from tickets.choices import OutgoingState
from tickets.models import Webhook, WebhookDelivery

pytestmark = pytest.mark.django_db


def call(**fields: Any) -> WebhookDelivery:
    """A call to a program called Chat."""
    hook = Webhook.objects.filter(name="Chat").first()
    if hook is None:
        hook = Webhook.objects.create(name="Chat", url="https://chat.example/hook", secret=Sealed.of("x"))
    payload = {"event": "created", "ticket": {"subject": "웹서버"}}
    return WebhookDelivery.objects.create(**{"webhook": hook, "event": "created", "payload": payload, **fields})


def test_the_log_shows_what_was_told_and_what_was_answered() -> None:
    row = call(state=OutgoingState.FAILED, why="The other side answered 500.", status_code=500, tries=8)
    client = logged_in(make.admin())
    page = text_of(client.get(url("tickets:hooks", query="tab=failed")))
    for words in ("Chat", "opened the ticket", "answered 500", "Failed"):
        assert words in page
    assert "Chat" not in text_of(client.get(url("tickets:hooks", query="tab=sent"))).split("<table")[-1]
    one = text_of(client.get(url("tickets:hook", row.pk)))
    assert "웹서버" in one
    assert "Send again" in one


def test_calls_are_narrowed_to_one_webhook() -> None:
    row = call()
    other = Webhook.objects.create(name="Wiki", url="https://wiki.example/", secret=Sealed.of("x"))
    call(webhook=other)
    page = logged_in(make.admin()).get(url("tickets:hooks", query=f"hook={row.webhook_id}"))
    assert [shown.pk for shown, _ in page.context["lines"]] == [row.pk]


def test_an_administrator_makes_a_call_again() -> None:
    row = call(state=OutgoingState.FAILED, why="It answered 500.", tries=8)
    answer = logged_in(make.admin()).post(url("tickets:hook-again"), {"delivery": [row.pk, "x"]})
    row.refresh_from_db()
    assert (row.state, row.tries, str(row.why)) == (OutgoingState.WAITING, 0, "")
    assert said(answer) == ["1 call is made again."]


def test_others_look_and_do_not_touch() -> None:
    row = call(state=OutgoingState.FAILED, tries=8)
    client = logged_in(make.user(permissions=["tickets.view_webhookdelivery"]))
    assert "hook-again" not in text_of(client.get(url("tickets:hooks")))
    client.post(url("tickets:hook-again"), {"delivery": row.pk})
    row.refresh_from_db()
    assert row.state == OutgoingState.FAILED
    stranger = logged_in(make.user())
    for where in (url("tickets:hooks"), url("tickets:hook", row.pk)):
        assert stranger.get(where).status_code == 403
    assert stranger.post(url("tickets:hook-again"), {"delivery": row.pk}).status_code == 403


def test_a_long_log_takes_as_many_queries_as_a_short_one() -> None:
    call()
    client = logged_in(make.admin())
    client.get(url("tickets:hooks"))
    with CaptureQueriesContext(connection) as one:
        client.get(url("tickets:hooks"))
    for _ in range(60):
        call()
    with CaptureQueriesContext(connection) as many:
        page = client.get(url("tickets:hooks"))
    assert len(many) == len(one)
    assert page.context["shown"].after
