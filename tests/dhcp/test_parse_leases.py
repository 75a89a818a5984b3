"""Lease files: as dhcpd writes them, as others do, cut and damaged."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dhcp.parse.lease_batch import leases_of
from dhcp.parse.lease_words import lease
from dhcp.parse.leases import LeaseBook, leases

RECORD = b"""lease 192.0.2.10 {
  starts 1 2026/11/23 06:15:24;
  ends 1 2026/11/23 06:17:24;
  tstp 1 2026/11/23 06:26:24;
  cltt 1 2026/11/23 06:15:24;
  binding state active;
  next binding state expired;
  rewind binding state free;
  hardware ethernet 00:16:3e:00:00:04;
  uid "\\001\\000\\026>\\000\\000\\004";
  set ncommit = "\\007";
  set vendor-class-identifier = "PXE }{ #";
  client-hostname "web-01";
  on expiry {
    log (debug, "expired }");
  }
}
"""


def only(data: bytes):
    (found,) = leases(data)
    return found


def test_a_record_as_dhcpd_writes_it_is_read_whole():
    found = only(RECORD)
    assert found.ip == "192.0.2.10"
    assert found.starts_at == datetime(2026, 11, 23, 6, 15, 24, tzinfo=UTC)
    assert found.ends_at == datetime(2026, 11, 23, 6, 17, 24, tzinfo=UTC)
    assert (found.state, found.next_state, found.rewind_state) == ("active", "expired", "free")
    assert found.mac == "00:16:3e:00:00:04"
    assert found.client_id == "01:00:16:3e:00:00:04"
    assert (found.hostname, found.vendor_class) == ("web-01", "PXE }{ #")


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(RECORD.replace(b"\n", b" "), id="all in one line"),
        pytest.param(RECORD.replace(b"  ", b"\t"), id="tabs"),
        pytest.param(RECORD.replace(b"\n", b"\r\n"), id="line ends of Windows"),
        pytest.param(RECORD.replace(b"lease", b"LEASE").replace(b"binding state", b"Binding STATE"), id="capitals"),
        pytest.param(RECORD.replace(b";\n", b'; # a } comment { "\n'), id="comments"),
        pytest.param(RECORD.replace(b"192.0.2.10", b"192.000.002.010"), id="zeros before the numbers of the address"),
        pytest.param(RECORD.replace(b'"\\001\\000\\026>\\000\\000\\004"', b"1:0:16:3e:0:0:4"), id="client id in hex"),
        pytest.param(RECORD.rstrip(), id="no line end at the end"),
        pytest.param(b"\n# header\n\n" + RECORD + b"\n\n", id="empty lines and a header"),
    ],
)
def test_spelling_does_not_change_what_is_read(written):
    found, meant = only(written), only(RECORD)
    assert found.client_id == meant.client_id
    assert found._replace(uid=None) == meant._replace(uid=None)


@pytest.mark.parametrize(
    ("written", "ends_at", "never"),
    [
        pytest.param("never", None, True, id="never"),
        pytest.param("5 2038/01/01 00:00:00", None, True, id="2038"),
        pytest.param("5 2037/12/31 23:59:59", datetime(2037, 12, 31, 23, 59, 59, tzinfo=UTC), False, id="2037"),
        pytest.param("epoch 1795413071", datetime(2026, 11, 23, 5, 51, 11, tzinfo=UTC), False, id="local database"),
        pytest.param("1 2026/11/23 05:51:11 UTC", datetime(2026, 11, 23, 5, 51, 11, tzinfo=UTC), False, id="OpenBSD"),
        pytest.param("1 2026/11/23 05:51:11 3600", datetime(2026, 11, 23, 6, 51, 11, tzinfo=UTC), False, id="offset"),
        pytest.param("1 2026/2/3 5:1:1", datetime(2026, 2, 3, 5, 1, 1, tzinfo=UTC), False, id="short numbers"),
        pytest.param("1 2026/02/30 05:51:11", None, False, id="a day that is none"),
        pytest.param("soon", None, False, id="no date"),
    ],
)
def test_an_end_is_read_in_all_its_spellings(written, ends_at, never):
    found = only(f"lease 192.0.2.1 {{\n  ends {written};\n  binding state active;\n}}\n".encode())
    assert (found.ends_at, found.never_ends) == (ends_at, never)


@pytest.mark.parametrize(
    ("body", "state"),
    [
        pytest.param("abandoned;", "abandoned", id="abandoned without a binding state"),
        pytest.param("binding state bootp;", "active", id="the old word bootp"),
        pytest.param("binding state reserved;", "active", id="the old word reserved"),
        pytest.param("hardware ethernet 0:1:2:3:4:5;", None, id="nothing said"),
    ],
)
def test_old_words_for_the_state_are_understood(body, state):
    assert only(f"lease 192.0.2.1 {{ {body} }}".encode()).state == state


def test_the_last_record_of_an_address_wins_wholly():
    assert only(RECORD + b"lease 192.0.2.10 {\n  binding state free;\n}\n").mac is None


def test_addresses_and_prefixes_of_ipv6_are_read():
    data = (
        b'ia-na "\\001\\000\\000\\000\\000\\003\\000\\001\\002\\026>\\000\\000\\001" {\n  cltt 1 2026/11/23 06:00:00;\n'
        b"  iaaddr 2001:DB8:0::10 {\n    binding state active;\n    preferred-life 300;\n"
        b"    ends 1 2026/11/23 07:00:00;\n  }\n}\n"
        b'ia-pd "x" {\n  iaprefix 2001:db8:100::/56 {\n    binding state expired;\n  }\n}\n'
    )
    address, prefix = leases(data)
    assert (address.ip, address.state, address.client_id) == ("2001:db8::10", "active", "00:03:00:01:02:16:3e:00:00:01")
    assert address.last_contact_at == datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert (prefix.ip, prefix.state) == ("2001:db8:100::/56", "expired")


def book_of(data: bytes, piece: int = 1 << 20) -> LeaseBook:
    book = LeaseBook()
    for start in range(0, len(data), piece):
        book.read(data[start : start + piece])
    book.finish()
    return book


MANY = b"".join(RECORD.replace(b"192.0.2.10", b"192.0.2.%d" % number) for number in range(20, 30))


@pytest.mark.parametrize("cut", range(0, len(RECORD), 7), ids=lambda cut: f"after {cut} bytes")
def test_a_file_cut_anywhere_gives_the_whole_records_and_tells_of_the_rest(cut):
    book = book_of(MANY + RECORD[:cut])
    assert len(list(book)) == 10
    assert [(place.offset, place.length) for place in book.damage] == ([(len(MANY), cut)] if cut else [])
    assert book.offset == len(MANY)


@pytest.mark.parametrize("cut", range(7, len(RECORD) - 2, 7), ids=lambda cut: f"after {cut} bytes")
def test_a_record_cut_off_before_another_does_not_take_that_one_along(cut):
    book = book_of(MANY + RECORD[:cut] + b"\n" + MANY.replace(b"192.0.2.2", b"192.0.2.13"))
    assert {lease.ip for lease in book} >= {f"192.0.2.{number}" for number in [*range(20, 30), *range(130, 140)]}
    assert book.damage


@pytest.mark.parametrize("piece", [1, 3, 64, 1000], ids=lambda piece: f"{piece} bytes at a time")
def test_pieces_of_any_size_give_the_same(piece):
    data = MANY + b"\0\xff" * 300 + MANY.replace(b"192.0.2.2", b"192.0.2.13") + RECORD[:50]
    assert list(book_of(data, piece)) == list(book_of(data))
    assert sum(place.length for place in book_of(data, piece).damage) == 650


def test_binary_junk_in_the_middle_is_told_and_the_rest_is_read():
    junk = bytes(range(256)) * 20
    book = book_of(MANY + junk + MANY.replace(b"192.0.2.2", b"192.0.2.13"))
    assert len(list(book)) == 20
    assert sum(place.length for place in book.damage) == len(junk)


def test_a_quote_that_never_ends_does_not_fill_the_memory():
    book = LeaseBook()
    book.read(b'lease 192.0.2.1 {\n  uid "')
    for _ in range(8):
        book.read(b"x" * (1 << 20))
    assert len(book._scan._rest) <= 2 << 20
    book.read(b"\n" + MANY)
    book.finish()
    assert len(list(book)) == 10


SPACE = st.sampled_from([b" ", b"  ", b"\n", b"\t", b" # }{\n", b"\n  "])
VALUE = st.text('ab }{;#\\"1é', max_size=6).map(lambda text: re.sub(r'(["\\])', r"\\\1", text).encode())
STATEMENT = st.one_of(
    st.sampled_from(["free", "active", "expired", "backup", "abandoned"]).map(lambda s: b"binding state " + s.encode()),
    st.sampled_from(["free", "expired"]).map(lambda s: b"next binding state " + s.encode()),
    st.sampled_from([b"starts 1 2026/11/23 06:15:24", b"ends never", b"ends epoch 5", b"tstp 1 2026/11/23 06:15:24"]),
    st.binary(min_size=1, max_size=3).map(lambda raw: b"hardware ethernet " + raw.hex(":").encode()),
    VALUE.map(lambda value: b'client-hostname "' + value + b'"'),
    VALUE.map(lambda value: b'set vendor-class-identifier = "' + value + b'"'),
    VALUE.map(lambda value: b'uid "' + value + b'"'),
)


@st.composite
def lease_files(draw):
    out, told = b"", {}
    for _ in range(draw(st.integers(0, 6))):
        ip, said = b"192.0.2.%d" % draw(st.integers(1, 3)), draw(st.lists(STATEMENT, max_size=6))
        plain = draw(st.booleans())
        space = b"\n  " if plain else draw(SPACE)
        out += b"lease " + ip + b" {" + b"".join(space + one + b";" for one in said) + (b"\n}\n" if plain else b" } ")
        told[ip.decode()] = said
    return out, told


def brute_force(said: list[bytes]) -> dict[str, object]:
    """The fields of statements that are known one by one, by string search alone."""
    found: dict[str, object] = dict.fromkeys(["state", "next_state", "mac", "hostname"])
    for one in said:
        if one.startswith(b"binding state "):
            found["state"] = one[14:].decode()
        elif one.startswith(b"next binding state "):
            found["next_state"] = one[19:].decode()
        elif one.startswith(b"hardware ethernet "):
            found["mac"] = one[18:].decode()
        elif one.startswith(b'client-hostname "'):
            found["hostname"] = one[17:-1].decode().replace('\\"', '"').replace("\\\\", "\\")
    return found


@settings(max_examples=300, deadline=None)
@given(lease_files())
def test_any_file_agrees_with_a_brute_force_reading(made):
    data, told = made
    read = {
        lease.ip: {"state": lease.state, "next_state": lease.next_state, "mac": lease.mac, "hostname": lease.hostname}
        for lease in leases(data)
    }
    assert read == {ip: brute_force(said) for ip, said in told.items()}


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 300))
def test_no_bytes_make_the_reading_fail_or_lose_what_follows(junk, at):
    data = RECORD[:at] + junk + b"\n" + MANY
    assert {lease.ip for lease in leases(data)} >= {"192.0.2.29"}


IN_ORDER = [
    ["  starts 1 2026/11/23 06:15:24;", "  starts 5 2038/01/01 00:00:00;", "  starts 1 2026/02/30 06:15:24;"],
    ["  ends never;", "  ends 1 2026/11/23 07:15:24;", "  ends 1 2026/1/3 7:5:4;", "  ends 0 2040/11/23 07:15:24;"],
    ["  tstp 1 2026/11/23 07:15:24;", "  tstp never;", '  tsfp 1 "}{"           ;;'],
    ["  cltt 1 2026/11/23 06:15:24;", "  cltt 1 2026/11/23 06:15;24;", "  cltt epoch 12345678901234567;"],
    ["  binding state active;", "  binding state bootp;", "  binding state odd;", "  Binding state free;"],
    ["  next binding state free;\n  rewind binding state expired;", "  rewind binding state free;"],
    ["  reserved;", "  abandoned;", '  billing class "a } b";', "  reserved;\n  binding state free;"],
    ["  hardware ethernet 00:16:3e:00:00:01;", "  hardware ethernet 0:16:3E:0:0:1;", "  hardware unknown-32 ff;"],
    ['  uid "\\001a{}#\\"";', "  uid 01:00:16;", "  uid 1:0:16;", '  uid "";', "  uid zz;"],
    ['  set ncommit = "\\007";', "  set vendor-class = %12;", '  set VENDOR-class-identifier = "V";'],
    ['  set vendor-class-identifier = "PXE\\040";', '  set vendor-class-identifier = "";'],
    ['  option agent.circuit-id "}";', "  set flag = false;", "  option agent.remote-id 1:2:3;"],
    ['  client-hostname "web";', '  client-hostname "w\\\\";', '  client-hostname "";', '  client-hostname "é";'],
    ["  on expiry {\n    log (debug, a);\n  }", "  on expiry or release {\n    x { y; }\n  }\n  on commit {\n  }"],
    [
        "  on expiry {\n    x;\n  x;\n  }",
        "  on commit {\n    binding state free;\n    }\n  }",
        "  set x = (a);",
        "# } note",
        "  starts never;",
    ],
]
BODIES = st.tuples(*[st.none() | st.sampled_from(lines) for lines in IN_ORDER]).map(
    lambda drawn: "".join(f"{line}\n" for line in drawn if line).encode()
)


@settings(max_examples=1000, deadline=None)
@given(st.lists(BODIES, max_size=5))
def test_many_records_at_once_are_read_as_each_by_itself(bodies):
    records = [(b"192.0.2.%d" % number, body) for number, body in enumerate(bodies)]
    alone = [lease(ip.decode(), body) for ip, body in records]
    assert [found._replace(uid=found.client_id) for found in leases_of(records)] == [
        found._replace(uid=found.client_id) for found in alone
    ]


LINES = st.sampled_from(
    [
        "  binding state active;\n",
        '  client-hostname "a";\n',
        '  uid "\\"";\n',
        '  uid "a;\n',
        '  b";\n',
        '  billing subclass "a" "b";\n',
        '  uid "\\\\";\n',
        "  # x\n",
        "  x\n",
        '  on expiry {\n    log ("}");\n  }\n',
        "  on expiry {\n    if x { y; }\n  }\n",
        "  on release { }\n",
        "  on commit {\n",
        "  }\n",
        "}\n",
        "\n",
        "lease 192.0.2.300 {\n",
    ]
)
PIECES = st.tuples(st.integers(1, 3), st.lists(LINES, max_size=4)).map(
    lambda drawn: f"lease 192.0.2.{drawn[0]} {{\n{''.join(drawn[1])}}}\n"
)


@settings(max_examples=1000, deadline=None)
@given(st.lists(PIECES, max_size=4).map("".join))
def test_the_fast_way_reads_what_the_reading_of_every_token_reads(text):
    fast, slow = LeaseBook(), LeaseBook()
    fast.read(text.encode())
    slow._take(slow._scan.feed(text.encode()))
    fast.finish()
    slow.finish()
    assert (list(fast), fast.damage, fast.offset) == (list(slow), slow.damage, slow.offset)


def test_the_states_of_a_failover_pair_are_read_and_the_last_word_counts() -> None:
    book = LeaseBook()
    book.read(
        b'failover peer "fo" state {\n  my state recover at 1 2026/11/23 06:00:00;\n  mclt 0;\n}\n'
        b"lease 10.0.0.1 {\n  binding state free;\n}\n"
        b'failover peer "fo" state {\n  my state normal at 1 2026/11/23 06:14:02;\n'
        b"  partner state communications-interrupted at 1 2026/11/23 06:14:03;\n  mclt 3600;\n}\n"
    )
    book.finish()
    (peer,) = book.peers
    assert (peer.name, peer.state, peer.partner_state) == ("fo", "normal", "communications-interrupted")
    assert peer.since == datetime(2026, 11, 23, 6, 14, 2, tzinfo=UTC)
    assert peer.partner_since == datetime(2026, 11, 23, 6, 14, 3, tzinfo=UTC)
    assert [lease.ip for lease in book] == ["10.0.0.1"]
    assert book.damage == []
