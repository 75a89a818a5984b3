"""A lease file that grows, is rewritten, or is replaced between two readings."""

from __future__ import annotations

from io import BytesIO

from dhcp.parse.lease_news import lease_news


def record(last: int, state: str = "active") -> bytes:
    return f"lease 192.0.2.{last} {{\n  binding state {state};\n}}\n".encode()


FIRST = b"# header\n" + b"".join(record(number) for number in range(200))


def told(news) -> list[tuple[str, str]]:
    return [(lease.ip, lease.state) for lease in news.leases]


def test_a_second_reading_tells_only_what_was_appended():
    before = lease_news(BytesIO(FIRST), 7)
    after = lease_news(BytesIO(FIRST + record(9, "free")), 7, before.mark)
    assert (before.whole, len(before.leases)) == (True, 200)
    assert (after.whole, told(after)) == (False, [("192.0.2.9", "free")])


def test_nothing_new_is_nothing():
    mark = lease_news(BytesIO(FIRST), 7).mark
    assert lease_news(BytesIO(FIRST), 7, mark).leases == ()


def test_a_record_that_is_half_written_is_read_whole_the_next_time():
    half = lease_news(BytesIO(FIRST + record(9, "free")[:20]), 7)
    assert [place.offset for place in half.damage] == [len(FIRST)]
    after = lease_news(BytesIO(FIRST + record(9, "free")), 7, half.mark)
    assert (told(after), after.damage) == ([("192.0.2.9", "free")], ())


def test_another_inode_is_another_file():
    mark = lease_news(BytesIO(FIRST), 7).mark
    assert lease_news(BytesIO(FIRST + record(9)), 8, mark).whole


def test_a_file_that_became_shorter_is_read_from_its_beginning():
    mark = lease_news(BytesIO(FIRST), 7).mark
    assert told(lease_news(BytesIO(record(1, "free")), 7, mark)) == [("192.0.2.1", "free")]


def test_a_file_of_the_same_inode_with_other_bytes_is_read_from_its_beginning():
    mark = lease_news(BytesIO(FIRST), 7).mark
    news = lease_news(BytesIO(FIRST.replace(b"active", b"backup") + record(9)), 7, mark)
    assert (news.whole, len(news.leases)) == (True, 200)
