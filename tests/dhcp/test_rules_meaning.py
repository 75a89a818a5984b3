"""What a change means: the difference between what a server was told and what it shall be told."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dhcp.facts.server import LeaseTimes, Parameter, Raw, Reservation, Server, Settings, Subnet
from dhcp.facts.server import Range as Limits
from dhcp.rules.addresses import Spans, address_of
from dhcp.rules.meaning import MOST_LINES, meaning, without
from tests.dhcp.a_server import EVERYTHING

OFFICE = Subnet("192.168.0.0/24", ranges=(Limits("192.168.0.10", "192.168.0.20"),))
BASE = Server(subnets=(OFFICE,))


def said(before: Server | None, after: Server) -> list[str]:
    return [f"{line.sign} {line.words}" for line in meaning(before, after)]


def test_the_same_server_is_told_as_the_same() -> None:
    assert said(EVERYTHING, EVERYTHING)[0] == (
        "same The server is told the same as before; only comments and the order change."
    )


def test_what_no_line_is_about_is_not_called_the_same() -> None:
    after = replace(BASE, settings=Settings(parameters=(Parameter("authoritative"),)))
    assert said(BASE, after)[0] == "same Networks, reservations, times and options stay as they are."


@pytest.mark.parametrize(
    ("after", "line"),
    [
        pytest.param(
            replace(BASE, subnets=(OFFICE, Subnet("10.0.0.0/24"))),
            "add Adds the subnet 10.0.0.0/24 with 0 addresses to lease.",
            id="a subnet more",
        ),
        pytest.param(Server(), "take Takes the subnet 192.168.0.0/24 away.", id="a subnet less"),
        pytest.param(
            replace(BASE, subnets=(replace(OFFICE, ranges=(Limits("192.168.0.10", "192.168.0.30"),)),)),
            "add Leases 10 more addresses in 192.168.0.0/24.",
            id="a longer range",
        ),
        pytest.param(
            replace(BASE, subnets=(replace(OFFICE, ranges=(Limits("192.168.0.12", "192.168.0.20"),)),)),
            "take Leases 2 addresses fewer in 192.168.0.0/24.",
            id="a shorter range",
        ),
        pytest.param(
            replace(BASE, settings=Settings(LeaseTimes(2**32 - 1, 600))),
            "add The lease time of all networks becomes infinite / 600 s (it was –).",
            id="lease times",
        ),
        pytest.param(
            replace(BASE, reservations=(Reservation("web", mac="02:00:00:00:00:01"),)),
            "add Knows web from now on: 02:00:00:00:00:01.",
            id="a reservation",
        ),
        pytest.param(replace(BASE, interfaces=("eth1",)), "heed Listens on eth1.", id="an interface"),
        pytest.param(
            replace(BASE, settings=Settings(raw=(Raw("x;"),))),
            "info Text that the panel does not understand is sent as it is (places: 1).",
            id="raw text",
        ),
    ],
)
def test_a_difference_is_a_line(after: Server, line: str) -> None:
    assert line in said(BASE, after)


def test_many_of_a_kind_are_counted() -> None:
    hosts = tuple(Reservation(f"h{n:02}", mac=f"02:00:00:00:00:{n:02x}") for n in range(MOST_LINES + 5))
    lines = said(BASE, replace(BASE, reservations=hosts))
    assert sum(line.startswith("add Knows") for line in lines) == MOST_LINES
    assert "add Adds 5 more reservations." in lines


def spans(pairs: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    found = [(address_of(f"10.0.0.{min(pair)}"), address_of(f"10.0.0.{max(pair)}")) for pair in pairs]
    return Spans((low, high) for low, high in found if low and high).merged


pairs = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6)


@given(pairs, pairs)
def test_what_is_left_of_spans_is_what_counting_says(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    def numbers(found: list[tuple[int, int, int]]) -> list[int]:
        return list(chain.from_iterable(range(first, last + 1) for _, first, last in found))

    left = numbers(without(spans(one), spans(other)))
    assert left == sorted(set(numbers(spans(one))) - set(numbers(spans(other))))
