"""What a transaction prints, in any pieces, to events and an outcome."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts.facts.change import OutputEvent, StepEvent
from hosts.parse.transaction import TransactionReader

ID = "01234567-89ab-4cde-8f01-23456789abcd"
BANNER = b"Welcome to this host\n"
LOG = (
    f"\n@{ID} 100.25 step check running\n"
    f"\n@{ID} 100.50 command nginx\\0040-t\n"
    "한글 ok\n"
    f"\n@{ID} 101.00 exit 0\n"
    f"\n@{ID} 101.00 step check ok\n"
    "a line that is no protocol: @x\n\n@\n\n@0123 begin\n"
    "cut\r\x1b[31m"
    f"\n@{ID} 102.00 left_out 4711\n"
    "the end without newline"
    f"\n@{ID} 103.00 step verify running\n"
).encode()
END = f"\n@{ID} end rolled_back verify exit nginx\\0040-t - - 1 .\n".encode()
WHOLE = BANNER + f"\n@{ID} log 0\n".encode() + LOG + END


def seen(pieces: list[bytes], *, offset: int = 0) -> tuple[str, list[tuple[str, str, float]], TransactionReader]:
    reader = TransactionReader(ID, offset=offset)
    events = [event for piece in pieces for event in reader.feed(piece)]
    text = "".join(event.text for event in events if isinstance(event, OutputEvent))
    return text, [(e.name, e.state, e.at) for e in events if isinstance(e, StepEvent)], reader


def test_steps_output_and_outcome_are_read() -> None:
    text, steps, reader = seen([WHOLE])
    assert steps == [("check", "running", 100.25), ("check", "ok", 101.0), ("verify", "running", 103.0)]
    assert text == (
        "$ nginx -t\n한글 ok\na line that is no protocol: @x\n\n@\n\n@0123 begin\ncut␛[31m"
        "\n[… 4711 bytes left out …]\nthe end without newline"
    )
    assert reader.outcome is not None
    assert (reader.outcome.state, reader.outcome.step) == ("rolled_back", "verify")
    assert str(reader.outcome.why) == "“nginx -t” ended with code 1. The old state is back."
    assert reader.outcome.log_bytes == len(LOG)


@given(st.lists(st.integers(0, len(WHOLE)), max_size=12))
def test_any_cutting_into_pieces_gives_the_same(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(WHOLE)]
    pieces = [WHOLE[start:end] for start, end in pairwise(places)]
    whole, cut = seen([WHOLE]), seen(pieces)
    assert whole[:2] == cut[:2]
    assert whole[2].outcome == cut[2].outcome


@given(st.integers(0, len(WHOLE)))
def test_reading_goes_on_from_where_it_stopped_without_loss_or_doubles(place: int) -> None:
    first_text, first_steps, reader = seen([WHOLE[:place]])
    rest = f"\n@{ID} log {reader.log_bytes}\n".encode() + LOG[reader.log_bytes :] + END
    text, steps, last = seen([rest], offset=reader.log_bytes)
    assert (first_text + text, first_steps + steps) == seen([WHOLE])[:2]
    assert last.outcome is not None
    assert last.outcome.log_bytes == len(LOG)


@given(st.binary(), st.integers(1, 7))
def test_any_bytes_are_survived(noise: bytes, size: int) -> None:
    raw = f"\n@{ID} log 0\n".encode() + noise + END
    _, _, reader = seen([raw[start : start + size] for start in range(0, len(raw), size)])
    assert reader.outcome is not None
    assert reader.log_bytes == len(noise)


@pytest.mark.parametrize(
    "end", ["", " ", " x", " applied", " a b c d e f g h i .", " applied confirm new_reason - - -  ."]
)
def test_an_end_of_another_version_is_still_an_end(end: str) -> None:
    _, _, reader = seen([f"\n@{ID} end{end}\n".encode()])
    assert reader.outcome is not None
    assert str(reader.outcome.why)


def test_a_change_that_never_came_is_unknown() -> None:
    assert seen([f"\n@{ID} unknown\n".encode()])[2].is_unknown
