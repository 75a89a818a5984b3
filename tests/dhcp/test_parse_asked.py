"""What is typed into a search is understood in every spelling that people use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dhcp.facts.address_key import address_key
from dhcp.facts.asked import Asked
from dhcp.parse.asked import asked

MAC = "00:16:3e:0a:0b:0c"


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("10.0.0.5", "10.0.0.5", "10.0.0.5"),
        (" 192.168.000.010 ", "192.168.0.10", "192.168.0.10"),
        ("10.0.0.0/24", "10.0.0.0", "10.0.0.255"),
        ("10.0.0.77/24", "10.0.0.0", "10.0.0.255"),
        ("10.0.0.0 / 30", "10.0.0.0", "10.0.0.3"),
        ("10.0.0.5 - 10.0.0.9", "10.0.0.5", "10.0.0.9"),
        ("10.0.0.9-10.0.0.5", "10.0.0.5", "10.0.0.9"),
        ("10.", "10.0.0.0", "10.255.255.255"),
        ("192.168.1.", "192.168.1.0", "192.168.1.255"),
        ("192.168", "192.168.0.0", "192.168.255.255"),
        ("2001:db8::5", "2001:db8::5", "2001:db8::5"),
        ("2001:DB8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:db8:", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
    ],
)
def test_addresses_and_networks_and_their_beginnings(written: str, first: str, last: str) -> None:
    assert asked(written) == Asked(keys=(address_key(first), address_key(last)))


@pytest.mark.parametrize(
    "written",
    [MAC, MAC.upper(), MAC.replace(":", "-"), "0016.3e0a.0b0c", "00163E0A0B0C", "0:16:3e:a:b:c", f" {MAC}\n"],
)
def test_a_mac_in_every_spelling(written: str) -> None:
    assert asked(written).mac == MAC


@pytest.mark.parametrize(
    ("written", "piece"),
    [
        ("00:16:3e", "00:16:3e"),
        ("3E-0A-", "3e:0a:"),
        ("0b:0", "0b:0"),
        ("3e0a", "3e:0a"),
        ("163e.0a0b", "16:3e:0a:0b"),
    ],
)
def test_a_piece_of_a_mac(written: str, piece: str) -> None:
    found = asked(written)
    assert piece in found.mac_parts
    assert piece in MAC


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", Asked()),
        ("   ", Asked()),
        ("Web-01", Asked(name="web-01")),
        ("cafe", Asked(mac_parts=("ca:fe",), client_id="ca:fe", name="cafe")),
        ("01:00:16:3e:0a:0b:0c", Asked(client_id="01:00:16:3e:0a:0b:0c")),
        ("999.1.1.1", Asked(name="999.1.1.1")),
        ("10.0.0.0/99", Asked(name="10.0.0.0/99")),
        ("300.1.", Asked(name="300.1.")),
        ("web.example.org", Asked(name="web.example.org")),
        ("김민서", Asked(name="김민서")),
    ],
)
def test_everything_else_is_a_name_or_a_client_id(written: str, said: Asked) -> None:
    assert asked(written) == said
    assert bool(said) is bool(written.strip())


@given(st.text(max_size=300))
def test_nothing_that_is_typed_makes_it_fail(written: str) -> None:
    found = asked(written)
    assert bool(found) is bool(written.strip())
    assert found.keys is None or len(found.keys[0]) == len(found.keys[1]) in (9, 33)


@given(st.binary(min_size=6, max_size=6), st.integers(0, 14), st.integers(3, 17))
def test_every_piece_of_a_mac_finds_it(raw: bytes, start: int, length: int) -> None:
    whole = raw.hex(":")
    piece = whole[start : start + length].strip(":")
    found = asked(piece)
    if not found.keys and ":" in piece:
        assert found.mac == whole or any(each in whole for each in found.mac_parts)
