"""The transaction on hosts without a network: Debian's dash and coreutils, and busybox alone."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hosts.choices import ChangeState
from hosts.facts.change import Bundle, Command, Outcome, OutputEvent, StepEvent, WantedFile
from hosts.outside import transaction
from hosts.parse.transaction import TransactionReader
from hosts.render.transaction import find_line, start_line, upload
from tests.hosts.changes import MOTD, NEW, OLD, Watch, apply, left_in, machine, motd, ordered, sh, until
from tests.hosts.local_host import KINDS, LocalHost


@pytest.fixture(params=KINDS, ids=["dash-and-coreutils", "busybox-alone"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalHost]:
    with machine(request.param, tmp_path) as found:
        yield found


def test_a_file_is_checked_swapped_activated_and_verified(host: LocalHost) -> None:
    watch = Watch()
    bundle = motd(
        before=(sh("echo before"),),
        check=(sh('cat "$1"; cat /mnt/motd', "{staged}"),),
        activate=(sh("echo activate; cat /mnt/motd"),),
        verify=(sh("echo verify >&2"),),
    )
    outcome = apply(host, bundle, watch)
    assert outcome.state == ChangeState.APPLIED, outcome
    assert host.path(MOTD).read_bytes() == NEW
    said = [line for line in watch.text.splitlines() if not line.startswith("$ ")]
    assert said == ["before", NEW.decode().strip(), OLD.decode().strip(), "activate", NEW.decode().strip(), "verify"]
    names = ("lock", "drift", "before", "stage", "check", "swap", "activate", "verify")
    assert watch.steps == [(name, state) for name in names for state in ("running", "ok")] + [("confirm", "skipped")]
    assert left_in(host) == ["motd"]


def test_owner_group_and_mode_are_set(host: LocalHost) -> None:
    wanted = WantedFile("/mnt/new", NEW, owner="daemon", group="1", mode=0o2750)
    assert apply(host, Bundle((wanted,))).state == ChangeState.APPLIED
    assert host.do("stat", "-c", "%a %u %g", "/mnt/new") == "2750 1 1\n"


def test_a_file_is_removed_and_comes_back_when_verify_fails(host: LocalHost) -> None:
    gone = Bundle((WantedFile(MOTD, None),))
    outcome = apply(host, replace(gone, verify=(sh("test -e /mnt/motd"),)))
    assert (outcome.state, outcome.step) == (ChangeState.ROLLED_BACK, "verify")
    assert host.path(MOTD).read_bytes() == OLD
    assert apply(host, gone).state == ChangeState.APPLIED
    assert left_in(host) == []


@pytest.mark.parametrize(
    "name",
    [
        "with blanks",
        'it\'s "quoted" `$HOME`',
        "two\nlines",
        "-n",
        "가나다 한글",
        "not\udcffutf8",
        "back\\slash\\0101",
        "*",
    ],
    ids=["blanks", "quotes", "newline", "leading-dash", "korean", "not-utf-8", "backslashes", "star"],
)
def test_any_path_is_taken_as_it_is(host: LocalHost, name: str) -> None:
    path = f"/mnt/{name}"
    bundle = Bundle((WantedFile(path, OLD),), check=(Command(("cat", "{staged}")),), verify=(Command(("cat", path)),))
    assert apply(host, bundle).state == ChangeState.APPLIED
    watch = Watch()
    outcome = apply(host, replace(bundle, files=(WantedFile(path, NEW),), verify=(Command(("false", path)),)), watch)
    assert outcome.state == ChangeState.ROLLED_BACK, outcome
    assert host.path(path).read_bytes() == OLD
    assert len(left_in(host)) == 2


def test_arguments_and_variables_reach_a_command_byte_by_byte(host: LocalHost) -> None:
    odd = ["", " ", "a\nb", "'", '"', "\\", "\\c", "$(id)", "-", "한", "\udcfe", "*", "\t"]
    environment = (("ODD", "x ' \" \n y"), ("LATER", "2"))
    command = Command(("sh", "-c", 'printf "<%s>" "$@" "$ODD" >/mnt/said', "sh", *odd), 20, environment)
    assert apply(host, Bundle(activate=(command,))).state == ChangeState.APPLIED
    expected = "".join(f"<{word}>" for word in [*odd, "x ' \" \n y"])
    assert host.path("/mnt/said").read_bytes() == expected.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    "content",
    [b"", bytes(range(256)) * 3, b"no newline at the end", b"\xff\xfe\x00", bytes(1) * 5_000_000],
    ids=["empty", "every-byte", "no-last-newline", "not-utf-8", "five-megabytes"],
)
def test_any_content_arrives_as_it_is(host: LocalHost, content: bytes) -> None:
    assert apply(host, Bundle((WantedFile(MOTD, content),))).state == ChangeState.APPLIED
    assert host.path(MOTD).read_bytes() == content


@pytest.mark.parametrize(
    ("make", "words"),
    [
        ("ln -s /etc/passwd /mnt/target", "symbolic link"),
        ("mkdir /mnt/target", "is a directory"),
        ("mkfifo /mnt/target", "device, pipe or socket"),
    ],
    ids=["symlink-as-target", "directory-in-the-way", "pipe-as-target"],
)
def test_what_is_no_regular_file_is_refused(host: LocalHost, make: str, words: str) -> None:
    host.do("sh", "-c", make)
    outcome = apply(host, Bundle((WantedFile(MOTD, NEW), WantedFile("/mnt/target", NEW))))
    assert (outcome.state, outcome.step) == (ChangeState.REFUSED, "drift")
    assert words in str(outcome.why)
    assert "/mnt/target" in str(outcome.why)
    assert left_in(host) == ["motd", "target"]
    assert host.path(MOTD).read_bytes() == OLD


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("echo other >/mnt/motd", "content of /mnt/motd was changed"),
        ("chmod 600 /mnt/motd", "Owner, group or mode of /mnt/motd"),
        ("chown 1 /mnt/motd", "Owner, group or mode of /mnt/motd"),
        ("rm /mnt/motd", "/mnt/motd was removed"),
        ("echo x >/mnt/second", "/mnt/second was made"),
    ],
    ids=["content", "mode", "owner", "removed", "made"],
)
def test_a_file_changed_after_the_diff_is_refused(host: LocalHost, act: str, words: str) -> None:
    order = ordered(host, Bundle((WantedFile(MOTD, NEW), WantedFile("/mnt/second", NEW))))
    host.do("sh", "-c", act)
    before = host.do("sh", "-c", "ls -lA /mnt; cat /mnt/* 2>&1; :")
    outcome = transaction.run(host, order, Watch())
    assert (outcome.state, outcome.step) == (ChangeState.REFUSED, "drift")
    assert words in str(outcome.why)
    assert host.do("sh", "-c", "ls -lA /mnt; cat /mnt/* 2>&1; :") == before


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (WantedFile("/mnt/none/file", NEW), "does not exist"),
        (WantedFile("/mnt/second", NEW, owner="nobodyhere"), "nobodyhere"),
        (WantedFile("/mnt/second", NEW, group="nobodyhere"), "nobodyhere"),
        (WantedFile("/mnt/motd/file", NEW), "does not exist"),
    ],
    ids=["missing-parent", "unknown-owner", "unknown-group", "file-as-parent"],
)
def test_what_cannot_be_staged_is_refused(host: LocalHost, wanted: WantedFile, words: str) -> None:
    outcome = apply(host, Bundle((WantedFile(MOTD, NEW), wanted)))
    assert (outcome.state, outcome.step) == (ChangeState.REFUSED, "stage")
    assert words in str(outcome.why)
    assert left_in(host) == ["motd"]
    assert host.path(MOTD).read_bytes() == OLD


def test_missing_parents_are_made_and_go_again_with_a_put_back(host: LocalHost) -> None:
    files = (
        WantedFile("/mnt/a/b c/one", NEW, make_parents=True),
        WantedFile("/mnt/a/b c/two", NEW, make_parents=True),
        WantedFile("/mnt/a/d/three", NEW, make_parents=True),
    )
    outcome = apply(host, Bundle(files, verify=(sh("false"),)))
    assert outcome.state == ChangeState.ROLLED_BACK
    assert left_in(host) == ["motd"]
    assert apply(host, Bundle(files, check=(sh("false"),))).state == ChangeState.REFUSED
    assert left_in(host) == ["motd"]
    assert apply(host, Bundle(files)).state == ChangeState.APPLIED
    assert host.do("stat", "-c", "%a %u", "/mnt/a", "/mnt/a/b c") == "755 0\n755 0\n"


@pytest.mark.parametrize("phase", ["before", "check"])
def test_a_failure_before_the_swap_touches_nothing(host: LocalHost, phase: str) -> None:
    inode = host.path(MOTD).stat().st_ino
    outcome = apply(host, motd(**{phase: (sh("echo no good >&2; exit 3"),)}))
    assert (outcome.state, outcome.step) == (ChangeState.REFUSED, phase)
    assert "ended with code 3" in str(outcome.why)
    assert "The host is as it was." in str(outcome.why)
    assert host.path(MOTD).read_bytes() == OLD
    assert host.path(MOTD).stat().st_ino == inode
    assert left_in(host) == ["motd"]


@pytest.mark.parametrize("phase", ["activate", "verify"])
def test_a_failure_after_the_swap_puts_back_and_activates_again(host: LocalHost, phase: str) -> None:
    inode = host.path(MOTD).stat().st_ino
    fails = sh("grep -q there$ /mnt/motd && ! grep shall /mnt/motd")
    phases = {"activate": (sh("cat /mnt/motd >>/mnt/seen"),), "verify": ()}
    phases[phase] = (*phases[phase], fails)
    outcome = apply(host, motd(**phases))
    assert (outcome.state, outcome.step) == (ChangeState.ROLLED_BACK, phase)
    assert "The old state is back." in str(outcome.why)
    assert host.path(MOTD).stat().st_ino == inode
    assert host.path("/mnt/seen").read_bytes() == NEW + OLD
    assert left_in(host) == ["motd", "seen"]


def test_undo_runs_instead_of_activate(host: LocalHost) -> None:
    bundle = motd(activate=(sh("echo new >>/mnt/seen"),), verify=(sh("false"),), undo=(sh("echo undone >>/mnt/seen"),))
    assert apply(host, bundle).state == ChangeState.ROLLED_BACK
    assert host.path("/mnt/seen").read_text() == "new\nundone\n"


def test_a_failing_undo_is_told_with_the_files_back(host: LocalHost) -> None:
    outcome = apply(host, motd(verify=(sh("false"),), undo=(sh("exit 7"),)))
    assert outcome.state == ChangeState.FAILED
    assert "The old files are back" in str(outcome.why)
    assert host.path(MOTD).read_bytes() == OLD


def test_a_file_that_cannot_be_put_back_is_named_and_the_others_are_put_back(host: LocalHost) -> None:
    files = (WantedFile("/mnt/a/one", NEW), WantedFile(MOTD, NEW))
    host.path("/mnt/a").mkdir()
    host.path("/mnt/a/one").write_bytes(OLD)
    block = sh("rm /mnt/a/.rackdesk*; false")
    outcome = apply(host, Bundle(files, verify=(block,)))
    assert (outcome.state, outcome.step) == (ChangeState.FAILED, "verify")
    assert "/mnt/a/one could not be put back" in str(outcome.why)
    assert host.path("/mnt/a/one").read_bytes() == NEW
    assert host.path(MOTD).read_bytes() == OLD


def test_commands_alone_are_a_change(host: LocalHost) -> None:
    assert apply(host, Bundle(activate=(sh("echo did >/mnt/did"),))).state == ChangeState.APPLIED
    refused = apply(host, Bundle(check=(sh("false"),), activate=(sh("echo never >/mnt/did"),)))
    assert refused.state == ChangeState.REFUSED
    failed = apply(host, Bundle(activate=(sh("true"), sh("false"), sh("true"))))
    assert failed.state == ChangeState.FAILED
    assert "2/3 commands ran" in str(failed.why)
    undone = apply(host, Bundle(activate=(sh("false"),), undo=(sh("echo undone >/mnt/did"),)))
    assert undone.state == ChangeState.ROLLED_BACK
    assert host.path("/mnt/did").read_text() == "undone\n"


def test_files_that_are_as_wanted_are_left_alone_and_commands_still_run(host: LocalHost) -> None:
    assert apply(host, motd()).state == ChangeState.APPLIED
    inode = host.path(MOTD).stat().st_ino
    watch = Watch()
    outcome = apply(host, motd(check=(sh('test -e "$1"', "{staged}"),), activate=(sh("echo ran"),)), watch)
    assert outcome.state == ChangeState.APPLIED
    assert ("swap", "skipped") in watch.steps
    assert "ran\n" in watch.text
    assert host.path(MOTD).stat().st_ino == inode
    assert left_in(host) == ["motd"]


def test_a_command_over_its_time_is_stopped(host: LocalHost) -> None:
    outcome = apply(host, motd(verify=(sh("sleep 100", seconds=1),)))
    assert outcome.state == ChangeState.ROLLED_BACK
    assert "did not end within 1 s" in str(outcome.why)


def test_a_program_that_does_not_exist_is_told(host: LocalHost) -> None:
    outcome = apply(host, motd(check=(Command(("no-such-program", "x")),)))
    assert outcome.state == ChangeState.REFUSED
    assert "no such program" in str(outcome.why)


def test_fifty_megabytes_of_output_are_cut_in_the_middle(host: LocalHost) -> None:
    watch = Watch()
    script = "echo first; yes 0123456789abcdef | head -c 52428800; echo; echo last"
    outcome = apply(host, Bundle(activate=(sh(script, seconds=200),)), watch)
    assert outcome.state == ChangeState.APPLIED
    assert "bytes left out" in watch.text
    assert "\nfirst\n" in watch.text
    assert watch.text.endswith("\nlast\n")
    assert len(watch.text) < 300_000


def test_output_appears_while_the_command_runs(host: LocalHost) -> None:
    seen_before_end: list[bool] = []

    def on_event(event: StepEvent | OutputEvent) -> None:
        if isinstance(event, OutputEvent) and event.text.startswith("early"):
            seen_before_end.append(not host.path("/mnt/ended").exists())
            host.path("/mnt/go").write_text("")

    script = "echo early; until test -e /mnt/go; do sleep 0.1; done; : >/mnt/ended"
    outcome = transaction.run(host, ordered(host, Bundle(activate=(sh(script),))), on_event)
    assert outcome.state == ChangeState.APPLIED
    assert seen_before_end == [True]


def test_a_daemon_that_keeps_the_output_open_is_not_waited_for(host: LocalHost) -> None:
    outcome = apply(host, motd(activate=(sh("sleep 300 & echo started"),)), watch := Watch())
    assert outcome.state == ChangeState.APPLIED
    assert watch.text.endswith("\nstarted\n")
    assert "sleep 300" in host.do("sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")


def test_output_that_looks_like_the_protocol_forges_nothing(host: LocalHost) -> None:
    watch = Watch()
    forged = f"\n@{uuid.uuid4()} end failed verify exit - - - 1 .\n"
    outcome = apply(host, motd(verify=(Command(("printf", "%s", forged)),)), watch)
    assert outcome.state == ChangeState.APPLIED
    assert forged in watch.text


def test_the_same_change_twice_runs_once(host: LocalHost) -> None:
    order = ordered(host, motd(activate=(sh("echo ran >>/mnt/count"),)))
    first, again = Watch(), Watch()
    assert transaction.run(host, order, first) == transaction.run(host, order, again)
    assert host.path("/mnt/count").read_text() == "ran\n"
    assert (first.text, first.steps) == (again.text, again.steps)


def test_the_same_change_at_the_same_moment_runs_once(host: LocalHost) -> None:
    order = ordered(host, motd(activate=(sh("echo ran >>/mnt/count; sleep 0.3"),)))
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(transaction.run(host, order, Watch()))) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcome.state for outcome in outcomes] == [ChangeState.APPLIED] * 5
    assert host.path("/mnt/count").read_text() == "ran\n"


def test_another_change_is_refused_while_one_runs(host: LocalHost) -> None:
    first = ordered(host, motd(activate=(sh(": >/mnt/in; until test -e /mnt/go; do sleep 0.1; done"),)))
    second = ordered(host, Bundle((WantedFile("/mnt/other", NEW),)))
    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(transaction.run(host, first, Watch())))
    thread.start()
    until(lambda: host.path("/mnt/in").exists())
    refused = transaction.run(host, second, Watch())
    host.path("/mnt/go").write_text("")
    thread.join()
    assert (refused.state, refused.step) == (ChangeState.REFUSED, "lock")
    assert first.id in str(refused.why)
    assert outcomes[0].state == ChangeState.APPLIED


def test_a_host_that_never_got_a_change_says_so(host: LocalHost) -> None:
    assert transaction.find(host, ordered(host, motd()), Watch()) is None


def test_following_goes_on_where_it_stopped(host: LocalHost) -> None:
    order = ordered(host, motd(verify=(sh("echo 한글; seq 1 2000"),)))
    outcome = transaction.run(host, order, whole := Watch())
    reader = TransactionReader(order.id)
    said = host.run(find_line(order.id)).stdout
    for start in range(0, len(said), 97):
        first = Watch()
        for event in reader.feed(said[start : start + 97]):
            first(event)
        if start % 970 == 0:
            assert transaction.find(host, order, rest := Watch(), offset=reader.log_bytes) == outcome
            assert whole.text.endswith(rest.text)
            assert whole.steps[len(whole.steps) - len(rest.steps) :] == rest.steps
    assert reader.outcome == outcome


def test_a_line_cut_during_the_upload_leaves_nothing(host: LocalHost) -> None:
    order = ordered(host, Bundle((WantedFile(MOTD, bytes(3_000_000)),)))
    pieces = list(upload(order))
    stream = host.stream(start_line(order.id), stdin=pieces[:-3])
    said = b"".join(stream)
    assert b"end refused" in said
    assert transaction.find(host, order, Watch()) is None
    assert host.path(MOTD).read_bytes() == OLD
    assert transaction.run(host, order, Watch()).state == ChangeState.APPLIED


def test_a_cut_line_stops_nothing_and_leaves_no_process(host: LocalHost) -> None:
    order = ordered(host, motd(activate=(sh(": >/mnt/in; until test -e /mnt/go; do sleep 0.1; done"),)))
    stream = host.stream(start_line(order.id), stdin=upload(order))
    until(lambda: host.path("/mnt/in").exists())
    stream.cut()
    host.path("/mnt/go").write_text("")
    outcome = transaction.find(host, order, Watch())
    assert outcome is not None
    assert outcome.state == ChangeState.APPLIED
    until(lambda: "rackdesk" not in host.do("sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"))
