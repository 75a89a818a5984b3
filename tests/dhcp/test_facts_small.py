"""Keys of addresses sort as addresses do; messages of logs survive being kept."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dhcp.choices import Message
from dhcp.facts.address_key import address_key
from dhcp.facts.log_json import line_as_json, line_from_json
from dhcp.facts.logs import LogLine

addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))
texts = st.text(max_size=20).map(lambda text: text.replace("\0", "")) | st.none()


@given(addresses, addresses)
def test_keys_sort_as_addresses_do(one: IPv4Address | IPv6Address, other: IPv4Address | IPv6Address) -> None:
    first, second = (one.version, int(one)), (other.version, int(other))
    assert (address_key(str(one)) < address_key(str(other))) == (first < second)
    assert (address_key(str(one)) == address_key(str(other))) == (first == second)


@pytest.mark.parametrize(
    "written", ["", "10.0.0", "10.0.0.256", "010.0.0.1", "1.2.3.4.5", "10.0.0.-1", "web01", "١.2.3.4"]
)
def test_what_is_no_address_has_no_key(written: str) -> None:
    assert address_key(written) == ""
    with pytest.raises(ValueError, match=r".*"):
        ip_address(written)


def test_a_prefix_has_the_key_of_its_first_address() -> None:
    assert address_key("2001:db8::/56") == address_key("2001:db8::")
    assert address_key("10.0.0.0/8") == address_key("10.0.0.0")


@given(
    st.sampled_from(Message),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.tuples(*[texts] * 5),
    st.tuples(*[texts.map(lambda text: text or "")] * 2),
)
def test_a_message_of_a_log_survives_being_kept(
    message: Message, at: datetime | None, said: tuple[str | None, ...], notes: tuple[str, str]
) -> None:
    mac, ip, hostname, via, server = (each or None for each in said)
    line = LogLine(
        message, 0, mac=mac, ip=ip, hostname=hostname, via=via, server=server, note=notes[0], at=at, source=notes[1]
    )
    assert line_from_json(line_as_json(line)) == line
