"""Findings in; each with the page it is about, and whether a button can mend it, out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from dhcp.models import Pool, Problem, SharedNetwork, Subnet
from dhcp.services.mending import is_mendable


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding as pages show it: `url` is where the thing itself is, "" where nothing has a page."""

    row: Problem
    url: str
    can_mend: bool


def with_mends(problems: Iterable[Problem]) -> list[Shown]:
    """In their order, with a fixed number of queries: the rows they name are looked up together."""
    rows = list(problems)
    places = _places(rows)
    return [Shown(row, _url(row, places), is_mendable(row)) for row in rows]


def _places(rows: list[Problem]) -> dict[tuple[int, str, str], str]:
    """Addresses of pages by (server, kind, name)."""
    servers = {row.server_id for row in rows if row.server_id is not None}
    names = {row.place_name for row in rows if row.place_name}
    found: dict[tuple[int, str, str], str] = {}
    if not names:
        return found
    kinds: tuple[tuple[str, Any, str, str], ...] = (
        ("subnet", Subnet, "network", "dhcp:subnet"),
        ("shared-network", SharedNetwork, "name", "dhcp:shared-network"),
    )
    wanted = {row.place_kind for row in rows}
    for kind, model, column, page in kinds:
        if kind in wanted:
            for pk, server, name in model.objects.filter(server__in=servers, **{f"{column}__in": names}).values_list(
                "pk", "server", column
            ):
                found[server, kind, name] = reverse(page, args=[pk])
    if "pool" in wanted:
        pools = Pool.objects.filter(server__in=servers, ranges__first__in=names, subnet__isnull=False)
        for server, name, subnet in pools.values_list("server", "ranges__first", "subnet"):
            found[server, "pool", name] = reverse("dhcp:subnet", args=[subnet])
    return found


def _url(row: Problem, places: dict[tuple[int, str, str], str]) -> str:
    if row.place_kind == "reservation":
        return _search("dhcp:reservations", row.place_name)
    if row.place_kind == "client":
        return _search("dhcp:exchanges", row.place_name)
    if row.server_id is None:
        return row.at.get_absolute_url()
    found = places.get((row.server_id, row.place_kind, row.place_name), "")
    return found or reverse("dhcp:server", args=[row.server_id])


def _search(name: str, text: str) -> str:
    try:
        return f"{reverse(name)}?{urlencode({'q': text})}"
    except NoReverseMatch:
        return ""
