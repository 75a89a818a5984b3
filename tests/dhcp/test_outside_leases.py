"""Lease files followed over an exec: the host's program runs here, under each shell that a host may have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dhcp.errors import UnreadableLeases
from dhcp.facts.lease import LeaseMark
from dhcp.facts.reading import LeaseFile
from dhcp.outside.leases import read_news
from dhcp.parse.kea_memfile import kea_memfile
from dhcp.parse.leases import leases
from tests.dhcp.fakes import LocalShell, ToldShell, busybox_tools

HEADER = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n"


@pytest.fixture(scope="module", params=["dash", "busybox"])
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LocalShell:
    if request.param == "dash":
        return LocalShell()
    tools = busybox_tools(tmp_path_factory.mktemp("busybox") / "bin")
    if tools is None:
        pytest.skip("busybox is missing: apt-get install busybox")
    return LocalShell(tools)


def record(last: int, state: str = "active") -> bytes:
    return f"lease 192.0.2.{last} {{\n  binding state {state};\n  hardware ethernet 02:00:00:00:00:{last:02x};\n}}\n".encode()


def row(last: int, lifetime: int = 600) -> str:
    return f"192.0.2.{last},02:00:00:00:00:{last:02x},,{lifetime},1795446014,1,0,0,vm{last},0,\n"


def states(reading) -> dict[str, str]:
    return {lease.ip: lease.state for lease in reading.news.leases}


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


MANY = b"# header\n" + b"".join(record(number) for number in range(200))


def test_the_second_reading_sends_only_what_was_appended(shell, tmp_path):
    path = tmp_path / "dhcpd.leases"
    path.write_bytes(MANY)
    first = read_news(shell, LeaseFile(str(path)))
    with path.open("ab") as file:
        file.write(record(9, "free"))
    second = read_news(shell, LeaseFile(str(path)), first.news.mark)
    assert (len(first.news.leases), first.news.whole, first.restarted, first.more) == (200, True, True, False)
    assert (states(second), second.news.whole, second.restarted) == ({"192.0.2.9": "free"}, False, False)
    assert second.size == path.stat().st_size
    assert second.written_at.timestamp() == int(path.stat().st_mtime)


def test_one_reading_is_one_exec(shell, tmp_path):
    path = tmp_path / "dhcpd.leases"
    path.write_bytes(MANY)
    before = shell.counts.execs
    read_news(shell, LeaseFile(str(path)))
    assert shell.counts.execs == before + 1


def test_nothing_new_is_no_news_and_keeps_the_mark(shell, tmp_path):
    path = tmp_path / "dhcpd.leases"
    path.write_bytes(MANY)
    mark = read_news(shell, LeaseFile(str(path))).news.mark
    again = read_news(shell, LeaseFile(str(path)), mark)
    assert (again.news.leases, again.news.mark, again.news.whole) == ((), mark, False)


def test_a_file_that_dhcpd_wrote_anew_is_read_whole(shell, tmp_path):
    path = tmp_path / "dhcpd.leases"
    path.write_bytes(MANY)
    mark = read_news(shell, LeaseFile(str(path))).news.mark
    new = tmp_path / "dhcpd.leases.new"
    new.write_bytes(record(1, "free"))
    path.rename(tmp_path / "dhcpd.leases~")
    new.rename(path)
    reading = read_news(shell, LeaseFile(str(path)), mark)
    assert (states(reading), reading.news.whole) == ({"192.0.2.1": "free"}, True)


def test_a_file_rewritten_in_place_is_noticed_by_the_bytes_before_the_mark(shell, tmp_path):
    path = tmp_path / "dhcpd.leases"
    path.write_bytes(MANY)
    mark = read_news(shell, LeaseFile(str(path))).news.mark
    with path.open("r+b") as file:
        file.write(MANY.replace(b"active", b"backup") + record(7))
    reading = read_news(shell, LeaseFile(str(path)), mark)
    assert (len(reading.news.leases), reading.news.whole) == (200, True)


def test_a_record_cut_in_its_middle_is_left_for_the_next_time(shell, tmp_path):
    path = tmp_path / "dhcpd.leases"
    path.write_bytes(MANY + record(9, "free")[:30])
    first = read_news(shell, LeaseFile(str(path)))
    append(path, record(9, "free")[30:])
    second = read_news(shell, LeaseFile(str(path)), first.news.mark)
    assert (first.news.mark.offset, [place.offset for place in first.news.damage]) == (len(MANY), [len(MANY)])
    assert (states(second), second.news.damage) == ({"192.0.2.9": "free"}, ())


def test_a_file_longer_than_one_reading_takes_is_read_in_several(shell, tmp_path):
    path = tmp_path / "dhcpd.leases"
    path.write_bytes(MANY)
    rows: dict[str, str] = {}
    mark: LeaseMark | None = None
    rounds, more = 0, True
    while more:
        reading = read_news(shell, LeaseFile(str(path)), mark, most_bytes=5000)
        rows |= states(reading)
        mark, more, rounds = reading.news.mark, reading.more, rounds + 1
        assert not reading.news.whole
    assert len(rows) == 200
    assert rounds >= len(MANY) // 5000


def test_zeros_that_a_crash_left_at_the_end_are_not_passed_over(shell, tmp_path):
    path = tmp_path / "dhcpd.leases"
    path.write_bytes(MANY + b"\0" * 300)
    reading = read_news(shell, LeaseFile(str(path)))
    assert (len(reading.news.leases), reading.news.mark.offset) == (200, len(MANY))


@pytest.mark.parametrize("name", ["two words", "it's", "back\\slash", "a\nline", "$(touch x)", "ümlaut"])
def test_any_path_arrives_as_it_is(shell, tmp_path, name):
    (tmp_path / name).write_bytes(record(1))
    assert states(read_news(shell, LeaseFile(str(tmp_path / name)))) == {"192.0.2.1": "active"}


def test_a_missing_file_says_where_to_look(shell, tmp_path):
    with pytest.raises(UnreadableLeases, match=r"There is no lease file at .*/none on the host. Enter the path"):
        read_news(shell, LeaseFile(str(tmp_path / "none")))


def test_a_directory_is_no_lease_file(shell, tmp_path):
    with pytest.raises(UnreadableLeases, match="is no file"):
        read_news(shell, LeaseFile(str(tmp_path)))


def test_a_file_that_the_login_may_not_read_says_so():
    with pytest.raises(UnreadableLeases, match="may not read /x"):
        read_news(ToldShell([b"\nrackdesk dhcp\nrefused denied\ndone\n"]), LeaseFile("/x"))


@pytest.mark.parametrize(
    "output",
    [b"", b"Welcome!\n", b"\nrackdesk dhcp\n", b"\nrackdesk dhcp\ndata x y\n", b"\nrackdesk dhcp\nbadger\ndone\n"],
    ids=["nothing", "only a banner", "cut off", "no numbers", "unknown words"],
)
def test_an_output_that_does_not_hold_together_is_refused_with_what_the_host_said(output):
    with pytest.raises(UnreadableLeases, match=r"read again the next time\. sh: no tail"):
        read_news(ToldShell([output], stderr=b"sh: no tail\n"), LeaseFile("/x"))


def test_what_a_login_shell_prints_first_is_passed_over():
    said = b"Last login: today\n\nrackdesk dhcp\nfile 7 66 0 0\ndata 0 0 66\n" + record(3)[:66] + b"\n\ndone\n"
    assert read_news(ToldShell([said]), LeaseFile("/x")).news.mark.inode == 7


def test_what_a_failover_pair_says_of_itself_comes_with_the_news(shell, tmp_path):
    path = tmp_path / "dhcpd.leases"
    said = (
        'failover peer "pair" state {\n  my state normal at 1 2026/11/23 06:14:02;\n'
        "  partner state normal at 1 2026/11/23 06:14:02;\n}\n"
    )
    path.write_bytes(MANY + said.encode())
    (peer,) = read_news(shell, LeaseFile(str(path))).news.peers
    assert (peer.name, peer.state, peer.partner_state) == ("pair", "normal", "normal")


# -- Kea -----------------------------------------------------------------------------------------------------------


def test_keas_file_is_followed_and_a_deleted_lease_is_free(shell, tmp_path):
    path = tmp_path / "kea-leases4.csv"
    path.write_text(HEADER + row(1) + row(2))
    first = read_news(shell, LeaseFile(str(path), kea=True))
    append(path, (row(1, lifetime=0) + row(3) + "192.0.2.4,02:00").encode())
    second = read_news(shell, LeaseFile(str(path), kea=True), first.news.mark)
    assert (states(first), first.news.whole) == ({"192.0.2.1": "active", "192.0.2.2": "active"}, True)
    assert (states(second), second.news.whole) == ({"192.0.2.1": "free", "192.0.2.3": "active"}, False)


def test_keas_file_longer_than_the_window_is_followed_with_its_header(shell, tmp_path):
    path = tmp_path / "kea-leases4.csv"
    path.write_text(HEADER + "".join(row(number) for number in range(1, 200)))
    first = read_news(shell, LeaseFile(str(path), kea=True))
    append(path, (row(200)).encode())
    assert states(read_news(shell, LeaseFile(str(path), kea=True), first.news.mark)) == {"192.0.2.200": "active"}


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({".2": row(1) + row(2), ".1": row(2, 0) + row(3)}, {"192.0.2.1", "192.0.2.3", "192.0.2.9"}),
        ({".completed": row(1) + row(3), ".1": row(2, 0) + row(3)}, {"192.0.2.1", "192.0.2.3", "192.0.2.9"}),
        ({".completed": row(5), ".2": row(1)}, {"192.0.2.5", "192.0.2.9"}),
        ({".2": row(4)}, {"192.0.2.4", "192.0.2.9"}),
        ({".1": row(6)}, {"192.0.2.6", "192.0.2.9"}),
    ],
    ids=[
        "while it cleans",
        "it has cleaned and not renamed",
        "before the old one is removed",
        "at rest",
        "the first time",
    ],
)
def test_after_keas_cleaning_all_of_its_files_are_read_together(shell, tmp_path, others, expected):
    path = tmp_path / "kea-leases4.csv"
    for ending, text in others.items():
        Path(f"{path}{ending}").write_text(HEADER + text)
    path.write_text(HEADER + row(9))
    reading = read_news(shell, LeaseFile(str(path), kea=True), LeaseMark(1, 50, "x"))
    assert (set(states(reading)), reading.news.whole) == (expected, True)


def test_a_line_that_is_no_lease_is_damage_and_the_rest_is_read(shell, tmp_path):
    path = tmp_path / "kea-leases4.csv"
    path.write_text(HEADER + row(1) + "nonsense\n" + row(2))
    reading = read_news(shell, LeaseFile(str(path), kea=True))
    assert set(states(reading)) == {"192.0.2.1", "192.0.2.2"}
    assert [(place.offset, place.length) for place in reading.news.damage] == [(len(HEADER + row(1)), 9)]


def test_more_than_is_read_at_once_of_keas_files_says_what_to_do(shell, tmp_path):
    path = tmp_path / "kea-leases4.csv"
    path.write_text(HEADER + row(1) * 100)
    with pytest.raises(UnreadableLeases, match="set lfc-interval"):
        read_news(shell, LeaseFile(str(path), kea=True), most_bytes=500)


# -- any story of a file ---------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.lists(st.integers(1, 30), max_size=60)),
        st.tuples(st.just("cut"), st.integers(1, 30)),
        st.tuples(st.just("rewrite"), st.lists(st.integers(1, 30), max_size=60)),
        st.tuples(st.just("in place"), st.lists(st.integers(1, 30), max_size=60)),
        st.tuples(st.just("read"), st.just(0)),
    ),
    min_size=1,
    max_size=12,
)


class Story:
    """A lease file to which steps happen; every record differs from all others."""

    def __init__(self, path: Path, *, kea: bool) -> None:
        self.path, self.kea, self.count = path, kea, 0
        self.rows: dict[str, tuple[object, ...]] = {}
        self.mark: LeaseMark | None = None
        for each in path.parent.iterdir():
            each.unlink()
        path.write_bytes(self.text([]))

    def text(self, numbers: list[int]) -> bytes:
        self.count += 1
        if self.kea:
            ends = 1795446014 + self.count
            lines = [
                f"192.0.2.{last},02:00:00:00:00:01,,{600 * (last % 5 > 0)},{ends},1,0,0,v,0,\n" for last in numbers
            ]
            return "".join(lines).encode()
        return b"".join(
            b'lease 192.0.2.%d {\n  binding state active;\n  client-hostname "n%d";\n}\n' % (last, self.count)
            for last in numbers
        )

    def step(self, what: str, value: list[int]) -> None:
        header = HEADER.encode() if self.kea else b"# dhcpd\n"
        if what == "append":
            self.finish_cut()
            append(self.path, (b"" if self.path.stat().st_size else header) + self.text(value))
        elif what == "rewrite":
            self.rewrite(header + self.text(value))
        elif not self.kea:  # Kea never writes in place
            os.truncate(self.path, 0)
            append(self.path, header + self.text(value))

    def rewrite(self, text: bytes) -> None:
        if self.kea:
            old = kept(self.brute_force())
            self.path.replace(f"{self.path}.1")
            Path(f"{self.path}.completed").write_bytes(HEADER.encode() + old)
            Path(f"{self.path}.completed").replace(f"{self.path}.2")
            os.utime(f"{self.path}.2", (self.count, self.count))  # time passes between two cleanings
            Path(f"{self.path}.1").unlink()
            self.path.write_bytes(HEADER.encode())
            append(self.path, text.removeprefix(HEADER.encode()))
        else:
            new = Path(f"{self.path}.new")
            new.write_bytes(text)
            self.path.replace(f"{self.path}~")
            new.replace(self.path)

    def cut(self, length: int) -> None:
        append(self.path, self.text([7])[:length])

    def finish_cut(self) -> None:
        """A server that goes on writes the rest of what it began: here the last line is taken back instead."""
        data = self.path.read_bytes()
        end = max(data.rfind(b"}\n") + 2, data.find(b"\n") + 1) if not self.kea else data.rfind(b"\n") + 1
        os.truncate(self.path, end)

    def brute_force(self) -> dict[str, tuple[object, ...]]:
        if not self.kea:
            return {lease.ip: lease[1:] for lease in leases(self.path.read_bytes())}
        text = b"".join(
            Path(f"{self.path}{ending}").read_bytes().removeprefix(HEADER.encode())
            for ending in (".2", ".1", "")
            if Path(f"{self.path}{ending}").exists()
        )
        whole_lines = text[: text.rfind(b"\n") + 1].decode()
        return {lease.ip: lease[1:] for lease in kea_memfile((HEADER + whole_lines).splitlines(keepends=True))[0]}

    def read(self, shell: LocalShell, most: int) -> None:
        more = True
        while more:
            reading = read_news(shell, LeaseFile(str(self.path), kea=self.kea), self.mark, most_bytes=most)
            if reading.restarted:  # read in several pieces: what is not in any of them is gone
                self.rows.clear()
            self.rows |= {lease.ip: lease[1:] for lease in reading.news.leases}
            self.mark, more = reading.news.mark, reading.more


def kept(rows: dict[str, tuple[object, ...]]) -> bytes:
    """Kea's own file of what is left after its cleaning."""
    return b"".join(
        b"%s,02:00:00:00:00:01,,600,%d,1,0,0,v,0,\n" % (ip.encode(), int(row[1].timestamp()))  # type: ignore[attr-defined]
        for ip, row in rows.items()
    )


@pytest.mark.parametrize("kea", [False, True], ids=["dhcpd", "Kea"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, most=st.sampled_from([700, 5000, 1 << 20]))
def test_after_any_story_the_rows_are_those_of_the_last_file(tmp_path, kea, steps, most):
    shell = LocalShell()
    story = Story(tmp_path / "leases", kea=kea)
    for what, value in [*steps, ("append", []), ("read", 0)]:
        if what == "read":
            story.read(shell, 1 << 20 if kea else most)
        elif what == "cut":
            story.finish_cut()
            story.cut(value)
        else:
            story.step(what, value)
    alive = {ip: row for ip, row in story.rows.items() if row[2] != "free"}
    assert alive == story.brute_force()
