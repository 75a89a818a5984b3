"""Orders to uploads: what the host is told, and what is refused before anything is sent."""

from __future__ import annotations

import io
import shlex
import subprocess
import tarfile
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts.choices import FileKind
from hosts.errors import RenderError
from hosts.facts.change import Bundle, Command, Guard, Order, SeenFile, WantedFile
from hosts.parse.transaction import untoken
from hosts.render import transaction as render
from hosts.render.transaction.tokens import raw, token

ID = "01234567-89ab-4cde-8f01-23456789abcd"
MOTD = WantedFile("/etc/motd", b"new\n")


def order(bundle: Bundle) -> Order:
    return Order(ID, bundle, tuple(SeenFile(wanted.path, FileKind.ABSENT) for wanted in bundle.files))


def members(upload: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(upload)) as archive:
        found = {member.name: archive.extractfile(member) for member in archive}
        return {name: file.read() if file else b"" for name, file in found.items()}


def test_the_last_thing_that_is_sent_says_that_all_is_there() -> None:
    assert list(members(b"".join(render.upload(order(Bundle((MOTD,)))))))[-1] == "complete"


def test_a_large_file_is_sent_in_pieces() -> None:
    large = replace(MOTD, content=bytes(5_000_000))
    pieces = list(render.upload(order(Bundle((large,)))))
    assert max(map(len, pieces)) <= render.PIECE
    assert members(b"".join(pieces))["wanted/1"] == large.content


def test_staged_places_are_filled_in_inside_their_argument() -> None:
    bundle = Bundle((MOTD, replace(MOTD, path="/srv/a b")), check=(Command(("t", "-f={staged}", "{staged:/srv/a b}")),))
    lines = members(b"".join(render.upload(order(bundle))))["commands/check.1"].decode().splitlines()
    assert lines[2:] == ["t", "-f=/etc/.rackdesk-01234567-1.dpkg-new", "/srv/.rackdesk-01234567-2.dpkg-new"]


def test_an_environment_is_set_but_not_shown() -> None:
    bundle = Bundle(activate=(Command(("deploy", "now"), 7, (("SECRET", "a b"),)),))
    lines = members(b"".join(render.upload(order(bundle))))["commands/activate.1"].decode().splitlines()
    assert lines == ["7", "deploy\\0040now", "env", "SECRET=a\\0040b", "deploy", "now"]


@pytest.mark.parametrize("line", [render.start_line(ID), render.find_line(ID, 7), render.confirm_line(ID)])
def test_a_command_line_is_one_command_for_any_login_shell(line: str) -> None:
    program, flag, script, *arguments = shlex.split(line)
    assert (program, flag, arguments[:2]) == ("sh", "-c", ["rackdesk", ID])
    assert not set("!'\n") & set(script)
    assert subprocess.run(["sh", "-n", "-c", script], check=False).returncode == 0


@given(st.binary().filter(lambda word: b"\0" not in word))
def test_a_word_of_any_bytes_is_one_printable_token_and_comes_back(word: bytes) -> None:
    written = token(word)
    assert written.isascii()
    assert written.isprintable()
    assert " " not in written
    assert written
    if word.isascii():
        assert raw(untoken(written.encode())) == word


@pytest.mark.parametrize(
    "bundle",
    [
        Bundle((replace(MOTD, path="etc/motd"),)),
        Bundle((replace(MOTD, path="/etc/../motd"),)),
        Bundle((replace(MOTD, path="//etc/motd"),)),
        Bundle((replace(MOTD, path="/etc/motd/"),)),
        Bundle((replace(MOTD, path="/etc/m\0td"),)),
        Bundle((MOTD, MOTD)),
        Bundle((replace(MOTD, mode=0o10000),)),
        Bundle((replace(MOTD, owner="-R"),)),
        Bundle((replace(MOTD, owner="root:adm"),)),
        Bundle((replace(MOTD, group=""),)),
        Bundle(activate=(Command(()),)),
        Bundle(activate=(Command(("-c",)),)),
        Bundle(activate=(Command(("a\0",)),)),
        Bundle(activate=(Command(("true",), 0),)),
        Bundle(activate=(Command(("true",), 60, (("A B", ""),)),)),
        Bundle(check=(Command(("cat", "{staged}")),)),
        Bundle((MOTD,), check=(Command(("cat", "{staged:/etc/other}")),)),
        Bundle((MOTD,), guard=Guard(0)),
    ],
    ids=[
        "relative path",
        "path that climbs",
        "two slashes",
        "slash at the end",
        "NUL in a path",
        "one file twice",
        "mode too large",
        "owner like an option",
        "owner with a group in it",
        "no group",
        "no program",
        "program like an option",
        "NUL in an argument",
        "no time",
        "variable with a blank",
        "nothing staged",
        "another file staged",
        "no time to confirm",
    ],
)
def test_an_order_that_cannot_be_carried_out_is_refused_before_it_is_sent(bundle: Bundle) -> None:
    with pytest.raises(RenderError) as error:
        render.upload(order(bundle))
    assert str(error.value).endswith(".")


def test_an_order_that_was_not_compared_is_refused() -> None:
    with pytest.raises(RenderError, match="not compared"):
        render.upload(Order(ID, Bundle((MOTD,))))


def test_an_id_that_is_none_is_refused() -> None:
    with pytest.raises(RenderError, match="no id"):
        render.upload(Order("$(reboot)", Bundle()))


def test_the_program_is_clean_for_dash() -> None:
    assert subprocess.run(["dash", "-n"], input=render.program(), check=False).returncode == 0
