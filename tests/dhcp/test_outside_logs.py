"""Logs followed over an exec: files here, under each shell that a host may have; the journal by what it prints."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dhcp.choices import Message
from dhcp.errors import UnreadableLog
from dhcp.facts.reading import LogMark, LogPlace
from dhcp.outside.logs import read_log
from tests.dhcp.fakes import LocalShell, ToldShell, busybox_tools

MAC = "02:00:00:00:00:0a"
NOISE = "Nov 23 06:14:01 gate CRON[7]: (root) CMD (true)\n"


def line(number: int) -> str:
    return f"Nov 23 06:14:02 gate dhcpd[71]: DHCPDISCOVER from {MAC} (vm{number}) via eth0\n"


@pytest.fixture(scope="module", params=["dash", "busybox"])
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LocalShell:
    if request.param == "dash":
        return LocalShell()
    tools = busybox_tools(tmp_path_factory.mktemp("busybox") / "bin")
    if tools is None:
        pytest.skip("busybox is missing: apt-get install busybox")
    return LocalShell(tools)


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def names(news) -> list[str]:
    return [each.hostname for each in news.lines]


def test_only_new_lines_are_told_and_only_those_of_dhcp(shell, tmp_path):
    path = tmp_path / "syslog"
    path.write_text(NOISE + line(1) + NOISE + line(2))
    first = read_log(shell, LogPlace(str(path)), source="gate")
    append(path, NOISE + line(3))
    second = read_log(shell, LogPlace(str(path)), first.mark)
    assert (names(first), names(second)) == (["vm1", "vm2"], ["vm3"])
    assert (first.lines[0].source, first.more, first.gap, second.gap) == ("gate", False, False, False)


def test_a_line_of_which_only_the_beginning_is_written_waits_for_its_end(shell, tmp_path):
    path = tmp_path / "syslog"
    path.write_text(line(1) + line(2)[:50])
    first = read_log(shell, LogPlace(str(path)))
    append(path, line(2)[50:])
    assert (names(first), names(read_log(shell, LogPlace(str(path)), first.mark))) == (["vm1"], ["vm2"])


def test_after_a_rotation_the_rest_of_the_old_file_comes_first(shell, tmp_path):
    path = tmp_path / "syslog"
    path.write_text(line(1))
    mark = read_log(shell, LogPlace(str(path))).mark
    append(path, line(2))
    path.rename(tmp_path / "syslog.1")
    path.write_text(line(3))
    news = read_log(shell, LogPlace(str(path)), mark)
    assert (names(news), news.gap) == (["vm2", "vm3"], False)


def test_a_file_named_after_its_day_is_found_as_well(shell, tmp_path):
    path = tmp_path / "syslog"
    path.write_text(line(1))
    mark = read_log(shell, LogPlace(str(path))).mark
    append(path, line(2))
    path.rename(tmp_path / "syslog-20261123")
    path.write_text(line(3))
    assert names(read_log(shell, LogPlace(str(path)), mark)) == ["vm2", "vm3"]


def test_a_log_that_is_copied_and_then_emptied_is_followed_too(shell, tmp_path):
    path = tmp_path / "syslog"
    path.write_text(line(1))
    mark = read_log(shell, LogPlace(str(path))).mark
    append(path, line(2))
    (tmp_path / "syslog.1").write_text(path.read_text())
    os.truncate(path, 0)
    append(path, line(3))
    assert names(read_log(shell, LogPlace(str(path)), mark)) == ["vm2", "vm3"]


def test_a_log_whose_old_half_is_gone_says_that_there_is_a_gap(shell, tmp_path):
    path = tmp_path / "syslog"
    path.write_text(line(1) * 3)
    mark = read_log(shell, LogPlace(str(path))).mark
    path.unlink()
    path.write_text(line(4))
    news = read_log(shell, LogPlace(str(path)), mark)
    assert (names(news), news.gap) == (["vm4"], True)


def test_a_long_log_comes_in_parts_that_join_without_loss(shell, tmp_path):
    path = tmp_path / "syslog"
    path.write_text("".join(line(number) + NOISE for number in range(60)))
    seen, mark, more = [], LogMark(), True
    while more:
        news = read_log(shell, LogPlace(str(path)), mark if mark.inode else None, most_bytes=1000)
        seen += names(news)
        mark, more = news.mark, news.more
    assert seen == [f"vm{number}" for number in range(60)]


def test_times_are_read_in_the_zone_of_the_host():
    said = b"\nrackdesk dhcp\nclock 1795446000 +0900\n|" + line(1).encode() + b"\nmark 7 10 x 0\ndone\n"
    (found,) = read_log(ToldShell([said]), LogPlace("/x")).lines
    assert found.at == datetime(2026, 11, 22, 21, 14, 2, tzinfo=UTC)


def test_a_missing_log_says_what_to_enter(shell, tmp_path):
    with pytest.raises(UnreadableLog, match=r"leave the path empty to read the journal"):
        read_log(shell, LogPlace(str(tmp_path / "none")))


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 20)),
        st.tuples(st.just("rotate"), st.just(0)),
        st.tuples(st.just("copy and empty"), st.just(0)),
        st.tuples(st.just("read"), st.just(0)),
    ),
    max_size=10,
)


def rotated(path: Path, *, by_name: bool) -> None:
    older = path.with_name("syslog.1")
    if older.exists():
        older.rename(path.with_name("syslog.2"))
    if by_name:
        path.rename(older)
        path.touch()
    else:
        older.write_bytes(path.read_bytes())
        os.truncate(path, 0)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, most=st.sampled_from([900, 1 << 20]))
def test_whatever_happens_to_a_log_no_line_is_told_twice_and_none_is_lost_without_a_word(tmp_path, steps, most):
    for each in tmp_path.iterdir():
        each.unlink()
    path, shell = tmp_path / "syslog", LocalShell()
    path.write_text(line(0))
    written, seen, mark, gap = 1, [], None, False
    for what, count in [("read", 0), *steps, ("read", 0)]:
        if what == "read":
            more = True
            while more:
                news = read_log(shell, LogPlace(str(path)), mark, most_bytes=most)
                seen += names(news)
                mark, more, gap = news.mark, news.more, gap or news.gap
            continue
        if what != "write":
            rotated(path, by_name=what == "rotate")
        for _ in range(count or 1):
            append(path, line(written))
            written += 1
    everything = [f"vm{number}" for number in range(written)]
    assert len(seen) == len(set(seen))
    assert set(seen) <= set(everything)
    assert gap or seen == everything


# -- the journal -----------------------------------------------------------------------------------------------------


def entry(number: int, message: object = None, **more: object) -> bytes:
    said = {
        "__CURSOR": f"s=1;i={number}",
        "__REALTIME_TIMESTAMP": str(1795446000_000000 + number),
        "_HOSTNAME": "gate",
        "SYSLOG_IDENTIFIER": "dhcpd",
        "_PID": "71",
        "MESSAGE": f"DHCPDISCOVER from {MAC} (vm{number}) via eth0" if message is None else message,
    }
    return b"|" + json.dumps(said | more).encode() + b"\n"


def journal(*parts: bytes, code: int = 0) -> ToldShell:
    return ToldShell([b"\nrackdesk dhcp\n" + b"".join(parts) + b"code %d\ndone\n" % code])


def test_entries_come_with_their_own_time_and_the_last_cursor_is_the_mark():
    news = read_log(journal(entry(1), entry(2, "Wrote 3 leases to leases file."), entry(3)), LogPlace(), source="gate")
    assert [(each.hostname, each.at.microsecond) for each in news.lines] == [("vm1", 1), ("vm3", 3)]
    assert (news.mark, news.more, news.gap) == (LogMark("s=1;i=3"), False, False)
    assert news.lines[0].stamp == "2026-11-23T15:00:00.000001+00:00 gate dhcpd[71]:"


def test_nothing_new_in_the_journal_keeps_the_mark():
    news = read_log(journal(b"|-- No entries --\n"), LogPlace(), LogMark("s=1;i=3"))
    assert (news.lines, news.mark) == ((), LogMark("s=1;i=3"))


def test_a_message_that_is_no_text_is_read_from_its_bytes():
    news = read_log(journal(entry(1, list(f"DHCPDISCOVER from {MAC} (\xff) via eth0".encode("latin-1")))), LogPlace())
    assert (news.lines[0].message, news.lines[0].hostname) == (Message.DISCOVER, "\\xff")


@pytest.mark.parametrize(
    "message", [None, [], [1, "x", 999], {}, 7], ids=["nothing", "no bytes", "no numbers", "a table", "a number"]
)
def test_a_message_that_cannot_be_one_is_passed_over(message):
    shell = ToldShell(
        [b"\nrackdesk dhcp\n|" + json.dumps({"MESSAGE": message, "__CURSOR": "c"}).encode() + b"\ncode 0\ndone\n"]
    )
    assert read_log(shell, LogPlace()).lines == ()


def test_as_many_entries_as_one_reading_takes_say_that_there_are_more():
    assert read_log(journal(entry(1), entry(2), code=141), LogPlace(), most_lines=2).more


def test_a_cursor_of_no_use_is_a_gap():
    assert read_log(journal(b"!Failed to seek to cursor\n", b"gap\n", entry(4)), LogPlace(), LogMark("old")).gap


@pytest.mark.parametrize(
    ("shell", "told"),
    [
        (ToldShell([b"\nrackdesk dhcp\nrefused nojournal\ndone\n"]), "has no journal"),
        (journal(b"limited\n"), "may not read the log"),
        (journal(b"!No journal files were opened due to insufficient permissions.\n", code=1), "may not read the log"),
        (journal(b"!Failed to open journal: bad disk\n", code=1), "read again the next time. Failed to open journal"),
        (ToldShell([b"\nrackdesk dhcp\n"], stderr=b"Killed"), "read again the next time. Killed"),
    ],
    ids=["no journal", "its own entries only", "no permission", "it fails", "cut off"],
)
def test_a_journal_that_cannot_be_read_says_why(shell, told):
    with pytest.raises(UnreadableLog) as refused:
        read_log(shell, LogPlace())
    assert told in str(refused.value)


def test_units_and_programs_are_asked_for_as_matches_that_the_shell_does_not_read():
    shell = journal()
    read_log(shell, LogPlace(units=("a b.service",), names=("x;reboot",)), LogMark("s=1 $(reboot)"))
    said = shell.inputs[0].decode().split("\n")[-6:]
    assert said == [
        "5000 86400s s=1\\0040$(reboot)", "_SYSTEMD_UNIT=a\\0040b.service", "+",
        "SYSLOG_IDENTIFIER=x;reboot", "", "",
    ]  # fmt: skip
    assert "reboot" not in shell.commands[0]
