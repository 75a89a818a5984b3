"""Live files of hosts without a network: any path and content, digests that agree with what was read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from hosts.choices import FileKind
from hosts.errors import CommandFailed
from hosts.facts.change import SeenFile
from hosts.outside import compare
from hosts.parse.compare import compared
from tests.hosts.changes import MOTD, OLD, machine
from tests.hosts.local_host import KINDS, LocalHost

SUM = sha256(OLD).hexdigest()


@pytest.fixture(params=KINDS, ids=["dash-and-coreutils", "busybox-alone"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalHost]:
    with machine(request.param, tmp_path) as found:
        yield found


def test_a_file_is_told_with_all_that_a_change_depends_on(host: LocalHost) -> None:
    host.do("sh", "-c", "chown 1:1 /mnt/motd; chmod 4640 /mnt/motd")
    (found,) = compare.live_files(host, [MOTD]).files
    assert found == SeenFile(MOTD, FileKind.FILE, SUM, len(OLD), "daemon", "daemon", 0o4640, OLD)


def test_of_a_secret_only_the_sum_is_read(host: LocalHost) -> None:
    (found,) = compare.live_files(host, [MOTD], sums_only=[MOTD]).files
    assert (found.sha256, found.size, found.content) == (SUM, len(OLD), None)


def test_of_a_large_file_only_the_sum_is_read(host: LocalHost) -> None:
    large = bytes(compare.MOST_CONTENT_BYTES + 1)
    host.path("/mnt/large").write_bytes(large)
    host.path("/mnt/largest").write_bytes(large[1:])
    over, whole = compare.live_files(host, ["/mnt/large", "/mnt/largest"]).files
    assert (over.sha256, over.size, over.content) == (sha256(large).hexdigest(), len(large), None)
    assert whole.content == large[1:]


def test_what_is_no_file_is_told_by_its_kind(host: LocalHost) -> None:
    host.do("sh", "-c", "mkdir /mnt/d; ln -s '/x  y' /mnt/l; mkfifo /mnt/p; ln -s /nowhere /mnt/dangling")
    paths = ["/mnt/d", "/mnt/l", "/mnt/p", "/mnt/dangling", "/mnt/none", "/mnt/motd/below"]
    found = compare.live_files(host, paths).files
    assert [file.kind for file in found] == [
        FileKind.DIRECTORY,
        FileKind.SYMLINK,
        FileKind.OTHER,
        FileKind.SYMLINK,
        FileKind.ABSENT,
        FileKind.ABSENT,
    ]
    assert [file.target for file in found[1:4]] == ["/x  y", "", "/nowhere"]


def test_an_owner_without_a_name_goes_by_number(host: LocalHost) -> None:
    os.chown(host.path(MOTD), 54321, 12345)
    (found,) = compare.live_files(host, [MOTD]).files
    assert (found.owner, found.group) == ("54321", "12345")


@pytest.mark.parametrize("sums_only", [False, True], ids=["with-content", "sums-only"])
def test_any_path_is_taken_as_it_is_and_the_order_is_kept(host: LocalHost, *, sums_only: bool) -> None:
    names = ["two  blanks", 'it\'s "quoted"', "two\nlines", "-n", "한글", "not\udcffutf8", "back\\slash", "*"]
    for name in names:
        host.path(f"/mnt/{name}").write_bytes(name.encode("utf-8", "surrogateescape"))
    paths = [f"/mnt/{name}" for name in names]
    found = compare.live_files(host, paths, sums_only=paths[::2] if sums_only else ()).files
    assert [file.path for file in found] == paths
    assert [file.sha256 for file in found] == [
        sha256(name.encode("utf-8", "surrogateescape")).hexdigest() for name in names
    ]


def test_many_files_are_one_exec(host: LocalHost) -> None:
    for number in range(400):
        host.path(f"/mnt/{number}").write_text(str(number))
    paths = [f"/mnt/{number}" for number in range(400)]
    found = compare.live_files(host, paths, sums_only=paths).files
    assert [file.sha256 for file in found] == [sha256(str(number).encode()).hexdigest() for number in range(400)]
    assert host.counts.execs == 1


def test_nothing_asked_for_is_nothing_found(host: LocalHost) -> None:
    assert compare.live_files(host, []).files == ()


@pytest.mark.parametrize(
    "output",
    [
        b"",
        b"no shell here\n",
        b"\nrackdesk compare\n",
        b"\nrackdesk compare\nready\n",
        b"\nrackdesk compare\nready\nkind file \nfile 644 0 0 4 root:root\n!\n.\ndone\n",
        b"\nrackdesk compare\nready\nkind file \nstat: cannot stat\ndone\n",
        b"\nrackdesk compare\nready\nkind file \nfile 644 0 0 4 root:root\nb2xk\n.\n",
    ],
    ids=["nothing", "something else", "cut at once", "cut", "unreadable", "gone meanwhile", "cut before the end"],
)
def test_output_that_does_not_hold_together_is_an_error(output: bytes) -> None:
    with pytest.raises(CommandFailed):
        compared(output, ["/etc/motd"], [])
