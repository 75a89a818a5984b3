"""What happens reaches other programs: a real HTTP server on loopback reads, checks and refuses calls."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from hosts.errors import BadInput, NotAllowed
from hosts.facts.words import plain
from hosts.models import AuditEntry
from hosts.services.audit import PANEL, Actor
from tests import make
from tests.tickets import rows
from tickets.choices import OutgoingState
from tickets.errors import HookFailed
from tickets.facts.webhook import Call
from tickets.models import Webhook, WebhookDelivery
from tickets.outside.webhook import may_speak_to, post
from tickets.services import webhooks
from tickets.tasks.hooks import call_webhooks

pytestmark = pytest.mark.django_db


class Ear:
    """Another program: what it heard, and what it answers next."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict, bytes]] = []
        self.status = 204
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                ear.heard.append((self.path, dict(self.headers), body))
                self.send_response(ear.status)
                if ear.status == 302:
                    self.send_header("Location", f"http://127.0.0.1:{ear.server.server_port}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?desk=1"


@pytest.fixture
def ear() -> Iterator[Ear]:
    found = Ear()
    thread = threading.Thread(target=found.server.serve_forever, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


def hook(url: str, *events: str, **fields) -> Webhook:
    return webhooks.save_webhook(Webhook(name=url[:90], url=url, events=list(events), **fields), by=PANEL, secret="s3")[
        0
    ]


def test_a_new_ticket_is_told_signed_and_once(ear: Ear) -> None:
    hook(ear.url, "created")
    ticket = rows.ticket()
    call_webhooks()
    call_webhooks()
    [(path, headers, body)] = ear.heard
    told = json.loads(body)
    assert path == "/hook?desk=1"
    assert (told["event"], told["ticket"]["number"]) == ("created", ticket.number)
    stamp, _, mac = headers["X-Rackdesk-Signature"].partition(",v1=")
    assert mac == hmac.new(b"s3", f"{stamp.removeprefix('t=')}.".encode() + body, hashlib.sha256).hexdigest()
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.status_code, delivery.tries) == (OutgoingState.SENT, 204, 1)


def test_a_program_that_says_no_is_asked_again_later_and_then_given_up(ear: Ear) -> None:
    ear.status = 500
    hook(ear.url, "created")
    rows.ticket()
    for tries in range(1, webhooks.MOST_TRIES + 1):
        call_webhooks()
        delivery = WebhookDelivery.objects.get()
        assert delivery.tries == tries
        assert delivery.next_try_at > timezone.now() or delivery.state == OutgoingState.FAILED
        WebhookDelivery.objects.update(next_try_at=timezone.now())
    assert (delivery.state, delivery.status_code, str(delivery.why)) == (
        OutgoingState.FAILED,
        500,
        "The other program answered 500.",
    )
    ear.status = 200
    webhooks.send_again(delivery, by=PANEL)
    call_webhooks()
    assert WebhookDelivery.objects.get().state == OutgoingState.SENT


def test_a_redirect_is_not_followed(ear: Ear) -> None:
    ear.status = 302
    with pytest.raises(HookFailed, match="answered 302"):
        post(Call(1, ear.url, "created", b"{}", b"s"), 1)
    assert len(ear.heard) == 1


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://x/", "https://user:pw@x.example/", "gopher://x", "http://"]
)
def test_only_plain_web_addresses_are_taken(url: str) -> None:
    with pytest.raises(BadInput, match="must begin"):
        hook(url)
    assert not Webhook.objects.exists()


def test_a_dead_line_is_said_in_words(ear: Ear) -> None:
    ear.server.shutdown()
    ear.server.server_close()
    with pytest.raises(HookFailed, match="could not be reached"):
        post(Call(1, ear.url, "created", b"{}", b"s"), 1)


def test_events_that_nobody_asked_for_are_not_queued() -> None:
    hook("https://a.example/", "closed")
    hook("https://b.example/", is_active=False)
    rows.ticket()
    assert not WebhookDelivery.objects.exists()
    with pytest.raises(BadInput, match="no event"):
        hook("https://c.example/", "exploded")


def test_one_worker_takes_a_delivery_and_a_lost_one_comes_back() -> None:
    hook("https://a.example/", "created")
    rows.ticket()
    pk = WebhookDelivery.objects.get().pk
    token, _ = webhooks.claim(pk)
    assert webhooks.claim(pk) is None
    assert webhooks.take_back_lost(timezone.now()) == 0
    assert webhooks.take_back_lost(timezone.now() + timedelta(minutes=6)) == 1
    webhooks.record(pk, token, status_code=None, why=plain("too late"))
    assert WebhookDelivery.objects.get().tries == 0


def test_what_waits_for_a_webhook_that_was_turned_off_is_held() -> None:
    row = hook("https://a.example/", "created")
    rows.ticket()
    Webhook.objects.filter(pk=row.pk).update(is_active=False)
    assert webhooks.claim(WebhookDelivery.objects.get().pk) is None
    assert WebhookDelivery.objects.get().state == OutgoingState.HELD


def test_the_secret_is_shown_once_and_stands_nowhere_in_the_book() -> None:
    row, secret = webhooks.save_webhook(Webhook(name="a", url="https://a.example/"), by=make.actor())
    assert len(secret) >= 40
    assert webhooks.save_webhook(row, by=make.actor())[1] == ""
    assert secret not in str(list(AuditEntry.objects.values()))


def test_only_administrators_set_webhooks() -> None:
    with pytest.raises(NotAllowed):
        webhooks.save_webhook(Webhook(name="a", url="https://a.example/"), by=Actor(rows.agent().user))


def test_an_address_that_cannot_be_called_does_not_hold_up_the_others(ear: Ear) -> None:
    """It may have been saved by an older panel."""
    broken = hook("http://127.0.0.1/", "created")
    Webhook.objects.filter(pk=broken.pk).update(url="http://127.0.0.1:99999/")
    hook(ear.url, "created")
    rows.ticket()
    call_webhooks()
    assert len(ear.heard) == 1
    assert WebhookDelivery.objects.get(webhook=broken).tries == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999/", "http://127.0.0.1:0/"])
def test_a_port_that_there_is_not_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        hook(url)


@pytest.mark.parametrize(
    ("peer", "may"),
    [
        pytest.param("169.254.169.254", False, id="what a cloud tells its machines"),
        pytest.param("::ffff:169.254.169.254", False, id="the same, written as IPv6"),
        pytest.param("fe80::1%eth0", False, id="a neighbour on the wire"),
        pytest.param("::ffff:0.0.0.0", False, id="no address, written as IPv6"),
        pytest.param("::ffff:192.0.2.1", True, id="another machine, written as IPv6"),
        pytest.param("2001:db8::1", True, id="another machine"),
    ],
)
def test_the_addresses_of_ones_own_link_are_not_spoken_to(peer: str, may: bool) -> None:
    assert may_speak_to(peer) is may
