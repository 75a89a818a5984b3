"""Every page and every call of DHCP as those who must not: found in the urls themselves, so that a new one is tried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import models, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver
from django.utils import timezone
from rest_framework.test import APIClient

from dhcp import api_urls, urls
from dhcp import models as dhcp_models
from dhcp.facts.address_key import address_key
from dhcp.models import (
    ClientClass,
    Definition,
    Errand,
    Exchange,
    Group,
    Key,
    Lease,
    Peer,
    Pool,
    Problem,
    Range,
    Relay,
    Reservation,
    ReservedAddress,
    Server,
    SharedNetwork,
    Space,
    Subclass,
    Subnet,
    Zone,
)
from dhcp.views.kinds import KINDS
from hosts.models import User
from hosts.models.sealed import Sealed
from tests import make
from tests.dhcp.dhcp_pages import operator
from tests.hosts.api import ROOT
from tests.hosts.pages import text_of

pytestmark = pytest.mark.django_db
PAGES = "/panel/dhcp/"
MARK = "zebra"
"""Stands in the name of whatever belongs to the others."""
Rows = dict[type[models.Model], models.Model]
OF_PAGES: dict[str, type[models.Model]] = {
    "mend": Problem,
    "relay": Relay,
    "server": Server,
    "take-over": Server,
    "subnet": Subnet,
    "address": Subnet,
    "shared-network": SharedNetwork,
    "lease": Lease,
    "errand": Errand,
    "reservation": Reservation,
    "exchange": Exchange,
}
"""Which row the number in an address is, by how the name of the page begins."""


def patterns(found: Any, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Each with its whole route."""
    for each in found:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from patterns(each.url_patterns, route)
        else:
            yield route, each


def pages() -> list[tuple[URLPattern, str]]:
    """(page, slug of its kind or "")."""
    found = []
    for _route, each in patterns(urls.urlpatterns):
        slugs = sorted(KINDS) if "slug" in each.pattern.converters else [""]
        found += [(each, slug) for slug in slugs]
    return found


def calls() -> list[tuple[URLPattern, str]]:
    """(call, method) of each action of the API; a head is a get without its text."""
    found = []
    for _route, each in patterns(api_urls.urlpatterns):
        methods = getattr(each.callback, "actions", {})
        found += [(each, method) for method in methods if method != "head"]
    return found


PAGES_FOUND = pages()
CALLS_FOUND = calls()


def theirs(organization: Any = None) -> Rows:
    """One row of each kind at a server of another organization."""
    owner = organization or make.organization(f"{MARK} owner")
    host = make.host(f"{MARK}-host", organization=owner)
    server = Server.objects.create(host=host, note=MARK)
    now = timezone.now()
    network = SharedNetwork.objects.create(server=server, name=f"{MARK} net")
    subnet = Subnet.objects.create(server=server, network="10.77.0.0/24", name=f"{MARK} subnet")
    pool = Pool.objects.create(server=server, subnet=subnet, name=f"{MARK} pool")
    Range.objects.create(pool=pool, first="10.77.0.10", last="10.77.0.20")
    reservation = Reservation.objects.create(server=server, name=f"{MARK}-web", mac="02:00:00:00:77:01", subnet=subnet)
    ReservedAddress.objects.create(reservation=reservation, address="10.77.0.5")
    rows: list[models.Model] = [
        server,
        network,
        subnet,
        pool,
        reservation,
        Group.objects.create(server=server, name=f"{MARK} group"),
        ClientClass.objects.create(server=server, name=f"{MARK} class"),
        Subclass.objects.create(server=server, of=f"{MARK} class", data="1:02:00:00:00:77:01"),
        Definition.objects.create(server=server, name=f"{MARK}-option", code=224, type="text"),
        Space.objects.create(server=server, name=f"{MARK}-space"),
        Zone.objects.create(server=server, name=f"{MARK}.example.", primary="10.77.0.1"),
        Peer.objects.create(server=server, name=f"{MARK}-pair", address="10.77.0.1", peer_address="10.77.0.2"),
        Key.objects.create(server=server, name=f"{MARK}-key", secret=Sealed.of("c2VjcmV0")),
        Relay.objects.create(host=make.host(f"{MARK}-relay", organization=owner), servers=["10.77.0.1"]),
        Lease.objects.create(
            server=server, address="10.77.0.11", key=address_key("10.77.0.11"), state="active",
            mac="02:00:00:00:77:02", hostname=f"{MARK}-lease", name_key=f"{MARK}-lease",
        ),
        Exchange.objects.create(
            server=server, mac="02:00:00:00:77:02", hostname=f"{MARK}-lease", outcome="bound", started_at=now,
            ended_at=now,
        ),
        Problem.objects.create(
            server=server, source="log", rule="dhcp.log.x", subject=MARK, severity="warning", title=MARK,
            found_at=now, seen_at=now,
        ),
        Errand.objects.create(server=server, kind="ping", asked={"addresses": ["10.77.0.5"]}),
    ]  # fmt: skip
    return {type(row): row for row in rows}


def page_address(page: URLPattern, slug: str, rows: Rows) -> str:
    """Of a page about one of the rows."""
    named = {}
    for name in page.pattern.converters:
        if name == "slug":
            named[name] = slug
        elif name == "server_pk":
            named[name] = str(rows[Server].pk)
        else:
            begins = sorted((key for key in OF_PAGES if str(page.name).startswith(key)), key=len, reverse=True)
            model = KINDS[slug].model if slug else OF_PAGES[begins[0]]
            named[name] = str(rows[model].pk)
    route = str(page.pattern)
    for name, converter in page.pattern.converters.items():
        word = type(converter).__name__.removesuffix("Converter").lower()
        route = route.replace(f"<{word}:{name}>", named[name])
    return f"{PAGES}{route}?address=10.77.0.5&subnet={rows[Subnet].pk}"


def call_address(call: URLPattern, rows: Rows) -> str:
    """Of a call about one of the rows."""
    route = str(call.pattern).removeprefix("^").removesuffix("$")
    if "(?P<pk>" in route:
        model = call.callback.cls.queryset.model
        route = route.replace("(?P<pk>[^/.]+)", str(rows[model].pk))
    return f"{ROOT}/dhcp/{route}"


def asked(client: Client, address: str) -> list[Any]:
    """The answers to looking and to sending; a method that the page does not have is none."""
    answers = [client.get(address), client.post(address, {"confirmed": "1"})]
    found = [answer for answer in answers if answer.status_code != 405]
    assert found, address
    return found


def as_person(person: User | None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def counted() -> dict[str, int]:
    """How many rows of each kind there are, and how often servers were edited."""
    kinds = [each for each in vars(dhcp_models).values() if isinstance(each, type) and issubclass(each, models.Model)]
    told = {each.__name__: each._default_manager.count() for each in kinds if not each._meta.abstract}
    return {**told, "revisions": sum(Server.objects.values_list("revision", flat=True))}


def each_page(rows: Rows) -> Iterator[tuple[str, URLPattern, str]]:
    """(what to call it, the page, its address). Whatever is done to the rows is taken back before the next."""
    for page, slug in PAGES_FOUND:
        with transaction.atomic():
            yield f"{page.name} {slug}".strip(), page, page_address(page, slug, rows)
            transaction.set_rollback(True)


def each_call(rows: Rows) -> Iterator[tuple[str, URLPattern, str, str]]:
    """(what to call it, the call, its method, its address)."""
    for call, method in CALLS_FOUND:
        with transaction.atomic():
            yield f"{method} {call.name}", call, method, call_address(call, rows)
            transaction.set_rollback(True)


def program(person: User, scopes: tuple[str, ...] = make.SCOPES) -> APIClient:
    """With a token of this person."""
    return APIClient(HTTP_AUTHORIZATION=f"Bearer {make.token(person, scopes)[1]}")


def sent(client: APIClient, method: str, address: str) -> Any:
    """The answer to an empty call."""
    return client.get(address) if method == "get" else getattr(client, method)(address, {}, format="json")


def is_about_a_row(call: URLPattern) -> bool:
    return "(?P<pk>" in str(call.pattern)


def test_all_pages_and_calls_are_tried() -> None:
    assert len(PAGES_FOUND) > 70
    assert len(CALLS_FOUND) > 90


def test_strangers_are_sent_to_the_login() -> None:
    client = as_person(None)
    wrong = [
        (name, answer.status_code)
        for name, _page, address in each_page(theirs())
        for answer in asked(client, address)
        if answer.status_code != 302 or not answer["Location"].startswith("/panel/login/")
    ]
    assert wrong == []


@pytest.mark.parametrize("maker", [make.customer, make.user], ids=["a customer", "staff without a right"])
def test_pages_are_refused_to_those_without_their_right(maker: Any) -> None:
    client = as_person(maker(all_organizations=True))
    wrong = [
        (name, answer.status_code)
        for name, _page, address in each_page(theirs())
        for answer in asked(client, address)
        if answer.status_code != 403
    ]
    assert wrong == []


def test_pages_of_another_organization_are_not_there() -> None:
    client, rows = as_person(operator("Operator", make.organization("Mine"))), theirs()
    counts, wrong = counted(), []
    for name, page, address in each_page(rows):
        for answer in asked(client, address):
            is_open = page.pattern.converters and answer.status_code != 404
            if is_open or MARK in text_of(answer) or counted() != counts:
                wrong.append((name, answer.status_code))
    assert wrong == []


def test_pages_are_there_for_those_whose_they_are() -> None:
    """Or else the others would prove nothing."""
    owner = make.organization(f"{MARK} owner")
    client, rows = as_person(operator("Operator", owner)), theirs(owner)
    wrong = [
        (name, answer.status_code)
        for name, _page, address in each_page(rows)
        for answer in asked(client, address)
        if answer.status_code in (403, 404)
    ]
    assert wrong == []


def test_somebody_who_only_looks_changes_nothing() -> None:
    owner = make.organization(f"{MARK} owner")
    client, rows = as_person(operator("Viewer", owner)), theirs(owner)
    counts, wrong = counted(), []
    for name, _page, address in each_page(rows):
        client.post(address, {"confirmed": "1", "name": "x", "network": "10.78.0.0/24", "do": "delete"})
        if counted() != counts:
            wrong.append(name)
    assert wrong == []


def test_calls_need_a_key() -> None:
    wrong = [
        name
        for name, _call, method, address in each_call(theirs())
        if sent(APIClient(), method, address).status_code != 401
    ]
    assert wrong == []


@pytest.mark.parametrize("maker", [make.customer, make.user], ids=["a customer", "staff without a right"])
def test_calls_are_refused_to_those_without_their_right(maker: Any) -> None:
    client = program(maker(all_organizations=True))
    wrong = [name for name, _call, method, at in each_call(theirs()) if sent(client, method, at).status_code != 403]
    assert wrong == []


def test_calls_about_another_organization_find_nothing() -> None:
    client, rows = program(operator("Operator", make.organization("Mine"))), theirs()
    counts, wrong = counted(), []
    for name, call, method, address in each_call(rows):
        answer = sent(client, method, address)
        is_open = is_about_a_row(call) and answer.status_code != 404
        if is_open or MARK in text_of(answer) or counted() != counts:
            wrong.append((name, answer.status_code))
    assert wrong == []


def test_calls_are_there_for_those_whose_they_are() -> None:
    owner = make.organization(f"{MARK} owner")
    client, rows = program(operator("Operator", owner)), theirs(owner)
    wrong = []
    for name, _call, method, address in each_call(rows):
        answer = sent(client, method, address)
        if answer.status_code in (401, 403, 404, 405):
            wrong.append((name, answer.status_code))
    assert wrong == []


def test_a_key_that_may_only_read_changes_nothing() -> None:
    client, rows = program(make.admin(), ("read",)), theirs()
    wrong = []
    for name, _call, method, address in each_call(rows):
        if method != "get" and (answer := sent(client, method, address)).status_code != 403:
            wrong.append((name, answer.status_code))
    assert wrong == []
