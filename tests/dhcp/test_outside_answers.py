"""Pings and releases by what a host prints: what real servers seldom say, and what goes over the line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dhcp.errors import NoAnswer
from dhcp.facts.answers import Heard, KeaSocket, Omapi, ReleaseState
from dhcp.outside.ping import MOST, ping
from dhcp.outside.release import release
from dhcp.parse.answers import kea_answer, omapi_answer, ping_answers
from dhcp.parse.log_news import NothingRead
from dhcp.render.probe import probe
from hosts.errors import RenderError
from tests.dhcp.fakes import LocalShell, ToldShell

MAC = "02:00:00:00:01:10"
SECRET = "c2VjcmV0c2VjcmV0"
WAY = Omapi(7911, "omapi", "hmac-sha256", SECRET)
SOCKET = KeaSocket("/run/kea/kea4-ctrl-socket")


def said(*lines: str) -> bytes:
    return "\n".join(["", "rackdesk dhcp", *lines, "done", ""]).encode()


def kea(**answer: object) -> bytes:
    return said(f"answer {json.dumps(answer)}")


def test_the_key_goes_through_stdin_and_is_in_no_command_line_and_no_repr():
    shell = ToldShell([said("state none", "mac none", "error can't open object: not found")])
    release(shell, WAY, "192.0.2.10", MAC)
    assert SECRET.encode() in shell.inputs[0]
    assert SECRET not in shell.commands[0]
    assert SECRET not in repr(WAY)


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        (["state 00:00:00:02", f"mac {MAC}", "error ", "ended"], ReleaseState.RELEASED),
        (["state 00:00:00:01", f"mac {MAC}", "error "], ReleaseState.NOT_LEASED),
        (["state none", "mac none", "error can't open object: not found"], ReleaseState.NOT_LEASED),
        (["state 00:00:00:02", "mac 02:00:00:00:00:99", "error "], ReleaseState.OTHER_CLIENT),
        (["state 00:00:00:02", f"mac {MAC}", "error ", "failed can't update object: not authorized"], ReleaseState.NOT_POSSIBLE),
        (["refused noomshell"], ReleaseState.NOT_POSSIBLE),
    ],
    ids=["ended", "not leased", "unknown address", "of another client", "refused by the server", "no omshell"],
)  # fmt: skip
def test_what_dhcpd_says_of_a_release(lines, state):
    assert release(ToldShell([said(*lines)]), WAY, "192.0.2.10", MAC).state is state


@pytest.mark.parametrize(
    ("outputs", "state", "asked"),
    [
        ([kea(result=0, arguments={"hw-address": MAC}), kea(result=0)], ReleaseState.RELEASED, 2),
        ([kea(result=3, text="Lease not found.")], ReleaseState.NOT_LEASED, 1),
        ([kea(result=0, arguments={"hw-address": MAC}), kea(result=3)], ReleaseState.NOT_LEASED, 2),
        ([kea(result=0, arguments={"hw-address": "02:00:00:00:00:99"})], ReleaseState.OTHER_CLIENT, 1),
        ([kea(result=2, text="'lease4-get' command not supported.")], ReleaseState.NOT_POSSIBLE, 1),
        ([kea(result=1, text="broken")], ReleaseState.NOT_POSSIBLE, 1),
        ([said("refused notool")], ReleaseState.NOT_POSSIBLE, 1),
        ([said("answer no json")], ReleaseState.UNKNOWN, 1),
    ],
    ids=["ended", "unknown", "gone meanwhile", "of another client", "no hook", "an error", "no tool", "no JSON"],
)
def test_what_kea_says_of_a_release(outputs, state, asked):
    shell = ToldShell(outputs)
    assert release(shell, SOCKET, "192.0.2.10", MAC).state is state
    assert shell.counts.execs == asked


def test_an_ipv6_lease_is_asked_for_by_the_command_of_ipv6_and_dhcpd_says_that_it_cannot():
    shell = ToldShell([kea(result=3)])
    release(shell, SOCKET, "2001:db8::10")
    assert b"lease6-get" in shell.inputs[0]
    assert release(ToldShell(), WAY, "2001:db8::10").state is ReleaseState.NOT_POSSIBLE


def test_a_host_that_stops_telling_leaves_the_outcome_open():
    assert (
        release(ToldShell([b"\nrackdesk dhcp\nstate 00:00:00:02\n"]), WAY, "192.0.2.10").state is ReleaseState.UNKNOWN
    )


@pytest.mark.parametrize("key", [Omapi(1, "a b"), Omapi(1, "a", "x\ny"), Omapi(1, "a", "hmac-md5", "s\nserver evil")])
def test_a_key_that_holds_blanks_is_sent_nowhere(key):
    shell = ToldShell()
    with pytest.raises(RenderError):
        release(shell, key, "192.0.2.10")
    assert shell.counts.execs == 0


@pytest.mark.parametrize(("ip", "mac"), [("x; reboot", ""), ("192.0.2.10", "nobody")], ids=["address", "MAC"])
def test_what_is_no_address_or_no_mac_is_sent_nowhere(ip, mac):
    with pytest.raises(ValueError, match=r"."):
        release(ToldShell(), WAY, ip, mac)


def test_pings_come_back_in_the_order_that_was_asked_for_and_stop_at_the_most():
    asked = [f"192.0.2.{number}" for number in range(100)]
    shell = ToldShell([said(*(f"ping {ip} 1" for ip in reversed(asked[:MOST])))])
    answers = ping(shell, asked)
    assert [answer.ip for answer in answers] == asked[:MOST]
    assert {answer.heard for answer in answers} == {Heard.SILENT}


def test_a_neighbour_that_did_not_answer_is_one_only_where_the_wire_knows_it():
    lines = ["ping 192.0.2.1 1", "ping 192.0.2.2 1", f"neighbour 192.0.2.1 STALE {MAC}", "neighbour 192.0.2.2 FAILED -"]
    heard = [answer.heard for answer in ping(ToldShell([said(*lines)]), ["192.0.2.1", "192.0.2.2"])]
    assert heard == [Heard.NEIGHBOUR, Heard.SILENT]


def test_a_host_without_ping_says_what_to_install():
    with pytest.raises(NoAnswer, match="apt-get install iputils-ping"):
        ping(ToldShell([said("refused noping")]), ["192.0.2.1"])


def test_no_word_but_an_address_is_pinged():
    with pytest.raises(ValueError, match="no address"):
        ping(LocalShell(), ["192.0.2.1", "-f"])


def test_the_probe_is_one_argv_whose_words_no_shell_reads():
    command = probe("eth0; reboot", giaddr="192.0.2.1", seconds=5)
    assert (command.argv[:2], command.argv[3:]) == (
        ("perl", "-e"),
        ("--", "eth0; reboot", "02:52:44:00:00:01", "192.0.2.1", "5"),
    )
    with pytest.raises(ValueError, match=r"."):
        probe("eth0", giaddr="relay.example")


@given(st.binary(max_size=300))
def test_no_bytes_of_a_host_make_the_reading_fail_in_another_way(noise):
    for read in (omapi_answer, kea_answer, lambda data: ping_answers(data, ["192.0.2.1"])):
        for data in (noise, said("answer " + noise.decode("latin-1").replace("\n", " "))):
            try:
                read(data)
            except NothingRead:
                continue
