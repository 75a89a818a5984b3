"""Who held an address: what is told of leases, word by word, becomes a history without gaps or overlaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dhcp.facts.holding import Held, Turn
from dhcp.facts.lease import Lease
from dhcp.rules.holdings import NOTHING, turn

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANNE, BERT = "02:00:00:00:00:01", "02:00:00:00:00:02"
HELD = Held(ANNE, "", "anne", NOON, NOON + HOUR)


def lease(mac: str = ANNE, *, starts: datetime = NOON, state: str | None = "active", **more: object) -> Lease:
    fields = {"ends_at": starts + HOUR, "hostname": "anne", **more}
    return Lease("10.0.0.5", starts_at=starts, state=state, mac=mac, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("held", "said", "happens"),
    [
        (None, lease(), Turn(begins=HELD)),
        (None, lease(state="free"), NOTHING),
        (None, lease(state="abandoned"), NOTHING),
        (None, Lease("10.0.0.5", NOON, state="active"), NOTHING),
        (None, lease(state=None), Turn(begins=HELD)),
        (HELD, lease(), NOTHING),
        (
            HELD,
            lease(starts=NOON + HOUR / 2),
            Turn(goes_on=replace(HELD, until_at=NOON + HOUR / 2 + HOUR)),
        ),
        (HELD, lease(ends_at=None, never_ends=True), Turn(goes_on=replace(HELD, until_at=None))),
        (HELD, lease(hostname=None), NOTHING),
        (HELD, lease(state="free", ends_at=NOON + HOUR / 4), Turn(ended_at=NOON + HOUR / 4)),
        (HELD, lease(state="free", ends_at=None), Turn(ended_at=NOON + HOUR)),
        (HELD, lease(state="free", ends_at=NOON), Turn(ended_at=NOON + HOUR)),
        (HELD, None, Turn(ended_at=NOON + HOUR)),
        (replace(HELD, until_at=None), None, Turn(ended_at=NOON + 9 * HOUR)),
        (
            HELD,
            lease(starts=NOON + 2 * HOUR),
            Turn(NOON + HOUR, replace(HELD, began_at=NOON + 2 * HOUR, until_at=NOON + 3 * HOUR)),
        ),
        (
            HELD,
            lease(BERT, starts=NOON + HOUR / 2, hostname=None),
            Turn(NOON + HOUR / 2, Held(BERT, "", "", NOON + HOUR / 2, NOON + HOUR / 2 + HOUR)),
        ),
    ],
    ids=[
        "an address is given",
        "a free address is nobody's",
        "an abandoned address is nobody's",
        "a lease that names nobody is nobody's",
        "an old file without states",
        "the same said again",
        "renewed in time",
        "renewed for ever",
        "a name that is said no more is kept",
        "given back early",
        "free without an end: as promised",
        "deleted by Kea: as promised",
        "forgotten by the server",
        "forgotten, and promised for ever",
        "back after the time had run out",
        "given to another",
    ],
)
def test_a_new_word_on_an_address_ends_begins_or_prolongs_a_holding(
    held: Held | None, said: Lease | None, happens: Turn
) -> None:
    assert turn(held, said, now=NOON + 9 * HOUR) == happens


days = st.none() | st.integers(0, 40_000).map(lambda minutes: NOON + timedelta(minutes=minutes - 20_000))
steps = st.lists(
    st.tuples(
        st.sampled_from(["give", "renew", "release", "expire", "forget"]),
        st.sampled_from([ANNE, BERT]),
        st.integers(1, 5000),
    ),
    max_size=40,
)


class AServer:
    """One address at a server: what it says of it after each event, and who really had it."""

    def __init__(self) -> None:
        self.now = self.until = NOON
        self.has = ""
        self.truth: list[list[object]] = []

    def after(self, what: str, client: str, seconds: int) -> tuple[bool, Lease | None]:
        """Whether it says anything, and what; None: it forgot the address."""
        self.now += timedelta(seconds=seconds)
        self.lapse()
        if what == "give" and not self.has:
            self.has, self.until = client, self.now + HOUR
            self.truth.append([client, self.now, None])
            return True, lease(client, starts=self.now)
        if what == "renew" and self.has:
            self.until = self.now + HOUR
            return True, lease(self.has, starts=self.now)
        if what == "release" and self.has:
            who, since, _ = self.truth[-1]
            self.truth[-1][2], self.has = self.now, ""
            return True, lease(who, starts=since, state="free", ends_at=self.now)
        if what == "expire" and not self.has and self.truth:
            who, since, ended_at = self.truth[-1]
            return True, lease(who, starts=since, state="expired", ends_at=ended_at)
        return what == "forget" and not self.has, None

    def lapse(self) -> None:
        """Nobody tells, but the time is over all the same."""
        if self.has and self.now > self.until:
            self.truth[-1][2], self.has = self.until, ""


@given(steps)
def test_read_after_every_event_of_a_server_the_history_says_who_had_the_address_at_any_time(
    told: list[tuple[str, str, int]],
) -> None:
    server, history, held = AServer(), [], None
    for event in told:
        says, said = server.after(*event)
        found = turn(held, said, now=server.now) if says else Turn()
        if found.ended_at is not None:
            history[-1][2], held = found.ended_at, None
        if found.begins is not None:
            held = found.begins
            history.append([held.mac, held.began_at, None])
        held = found.goes_on or held
    if held is not None and held.until_at is not None and server.now > held.until_at:
        history[-1][2] = held.until_at
    assert history == server.truth


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.builds(
                lambda **fields: Lease("10.0.0.5", **fields),
                starts_at=days,
                ends_at=days,
                state=st.sampled_from([None, "active", "free", "backup", "abandoned", "nonsense"]),
                mac=st.sampled_from([None, ANNE, BERT]),
                uid=st.sampled_from([None, "01:02", '"x"']),
            ),
        ),
        max_size=30,
    )
)
def test_whatever_is_said_holdings_end_after_they_begin_and_never_overlap(said: list[Lease | None]) -> None:
    held: Held | None = None
    for each in said:
        found = turn(held, each, now=NOON)
        assert found.ended_at is None or (held is not None and found.ended_at >= held.began_at)
        assert found.begins is None or held is None or found.ended_at is not None
        assert found.goes_on is None or found.ended_at is None
        if found.ended_at is not None and found.begins is not None:
            assert found.begins.began_at >= found.ended_at
        held = found.begins or found.goes_on or (None if found.ended_at is not None else held)
        assert held is None or held.until_at is None or held.until_at >= held.began_at
