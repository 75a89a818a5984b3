"""Lists of hosts as people have them in, checked hosts and named problems out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hosts.errors import BadInput, Explainable
from hosts.facts.inventory import ImportedHost, Inventory
from hosts.parse.inventory_ansible import inventory_ansible
from hosts.parse.inventory_csv import inventory_csv
from hosts.parse.inventory_ssh_config import inventory_ssh_config


def said(inventory: Inventory) -> list[tuple[int, str]]:
    return [(problem.line, str(problem.words)) for problem in inventory.problems]


def lost(inventory: Inventory) -> list[int]:
    return [problem.line for problem in inventory.problems if problem.lost]


KOREAN = "이름;IP 주소;SSH 포트;계정;역할;태그;비고;창고\nxen01;192.0.2.1;2222;root;Xen dom0, DHCP 서버;서울;첫째;A1\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (KOREAN.encode(), "utf-8"),
        (KOREAN.encode("utf-8-sig"), "utf-8-sig"),
        (KOREAN.encode("cp949"), "cp949"),
        (KOREAN.encode("utf-16"), "utf-16"),
        (KOREAN.replace("\n", "\r\n").encode("utf-16-le"), "utf-16-le"),
        (KOREAN.replace(";", "\t").replace("\n", "\r").encode(), "utf-8"),
    ],
    ids=["UTF-8", "UTF-8 with a mark", "CP949", "UTF-16", "UTF-16 without a mark", "tabs and old Mac lines"],
)
def test_a_korean_table_is_read_in_every_encoding(data: bytes, encoding: str) -> None:
    inventory = inventory_csv(data)
    assert inventory.encoding == encoding
    assert inventory.hosts == (
        ImportedHost(
            "xen01", "192.0.2.1", 2222, roles=("xen", "dhcp_server"), tags=("서울",), notes="첫째\n창고: A1", line=2
        ),
    )
    assert any("창고" in text for _, text in said(inventory))


def test_excels_quirks_are_undone() -> None:
    inventory = inventory_csv(
        b'sep=;\r\nName;Address;Port;Sudo\r\n\'web01;="192.0.2.7";22.0;yes\r\n;;;\r\n"web\xc2\xa002";;;\r\n'
    )
    (host,) = inventory.hosts
    assert (host.name, host.address, host.port, host.sudo, host.line) == ("web01", "192.0.2.7", 22, True, 3)
    assert lost(inventory) == [5]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("bad name,192.0.2.1,22", "no host name"),
        ("a,192.0.2.400,22", "no address"),
        ("a,192.0.2.1,0", "no port"),
        ("a,192.0.2.1,70000", "no port"),
        ("a,192.0.2.1,ssh", "no port"),
        (",,22", "neither a name nor an address"),
        ("first,192.0.2.9,22", "there twice; line 2 was taken"),
        ("other,192.0.2.8,22", "has the address and port of first"),
    ],
    ids=["name", "address", "port 0", "port too large", "port no number", "nothing", "same name", "same address"],
)
def test_a_row_that_cannot_be_is_named_with_its_line(row: str, words: str) -> None:
    inventory = inventory_csv(f"name,address,port\nfirst,192.0.2.8,22\n{row}\n".encode())
    assert [host.name for host in inventory.hosts] == ["first"]
    assert lost(inventory) == [3]
    assert words in said(inventory)[0][1]


def test_lines_are_counted_over_cells_with_line_ends() -> None:
    inventory = inventory_csv(b'# ours\nname,notes\na,"one\ntwo"\nb,x\n')
    assert [(host.name, host.line) for host in inventory.hosts] == [("a", 3), ("b", 5)]


def test_a_table_without_headings_is_read_by_position_and_says_so() -> None:
    inventory = inventory_csv(b"a,192.0.2.1\nb,192.0.2.2,2222,kim\n")
    assert [(host.name, host.port, host.username) for host in inventory.hosts] == [
        ("a", 22, "root"),
        ("b", 2222, "kim"),
    ]
    assert "no headings" in said(inventory)[0][1]


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"colour,size\nred,1\n", b"\x89PNG\r\n\x1a\n\xff\xfe\xfd", b"x" * (10 * 1024 * 1024 + 1)],
    ids=["empty", "blank lines", "another table", "a picture", "too large"],
)  # fmt: skip
def test_what_is_no_table_of_hosts_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        inventory_csv(data)


INI = b"""
gw ansible_host=192.0.2.9 ansible_ssh_pass=hunter2
[web]
web[01:05:2].example.com:2222 ansible_user=deploy rack="A 1"  # three of them
[xen]
xen[a:b] ansible_become=yes
2001:db8::5
[dc:children]
web
xen
[web:vars]
ansible_port=2022
[dc:vars]
ansible_port=22
ansible_ssh_common_args='-o StrictHostKeyChecking=no -o ProxyJump="kim@bastion.example.com:2200"'
[all:vars]
ansible_user=admin
"""


def test_an_ini_inventory_is_merged_as_ansible_does() -> None:
    inventory = inventory_ansible(INI)
    assert inventory.kind == "ansible_ini"
    hosts = {host.name: host for host in inventory.hosts}
    assert list(hosts) == [
        "gw", "web01.example.com", "web03.example.com", "web05.example.com", "xena", "xenb", "bastion.example.com",
    ]  # fmt: skip
    web = hosts["web03.example.com"]
    assert (web.port, web.username, web.roles, web.tags, web.jump) == (
        2222, "deploy", ("web",), ("dc",), "bastion.example.com",
    )  # fmt: skip
    assert (hosts["xena"].port, hosts["xena"].username, hosts["xena"].sudo) == (22, "admin", True)
    bastion = hosts["bastion.example.com"]
    assert (bastion.port, bastion.username, bastion.jump) == (2200, "kim", "")


def test_what_an_inventory_holds_beyond_hosts_is_named_but_no_secret_is() -> None:
    texts = " ".join(text for _, text in said(inventory_ansible(INI)))
    assert "rack" in texts
    assert "ansible_ssh_pass" in texts
    assert "hunter2" not in texts


def test_a_childs_variable_overrules_its_parents() -> None:
    text = b"[b]\nh\n[a:children]\nb\n[b:vars]\nansible_port=2\n[a:vars]\nansible_port=1\n"
    assert inventory_ansible(text).hosts[0].port == 2


def test_groups_in_a_circle_come_to_an_end() -> None:
    assert inventory_ansible(b"[a]\nh\n[a:children]\nb\n[b:children]\na\n").hosts[0].tags in {("a", "b"), ("b", "a")}


YAML = b"""---
all:
  vars: {ansible_user: admin, ansible_port: 2022}
  children:
    xen:
      hosts:
        xen[01:02]:
          ansible_become: true
    web:
      vars: &web
        ansible_ssh_common_args: -J gw
      hosts:
        gw: {ansible_host: "192.0.2.250"}
        w1: {<<: *web, ansible_port: 22}
        local: {ansible_connection: local}
        tpl: {ansible_host: "{{ lookup('x') }}"}
"""


def test_a_yaml_inventory_is_read_with_its_lines() -> None:
    inventory = inventory_ansible(YAML)
    assert inventory.kind == "ansible_yaml"
    assert [(host.name, host.address, host.port, host.sudo, host.jump, host.line) for host in inventory.hosts] == [
        ("xen01", "xen01", 2022, True, "", 7),
        ("xen02", "xen02", 2022, True, "", 7),
        ("gw", "192.0.2.250", 2022, False, "", 13),
        ("w1", "w1", 22, False, "gw", 14),
    ]
    assert lost(inventory) == [15, 16]


@pytest.mark.parametrize(
    "data",
    [
        b"all:\n  hosts: [unclosed\n", b"--- !!python/object/apply:os.system [id]\n", b"---\n- a\n- b\n",
        b"all: &a\n  children:\n    x: *a\n", b"h[0:99999999]\n", b"".join(b"[g%d]\n" % n for n in range(3000)),
    ],
    ids=["broken", "an object", "a list", "a circle", "too many hosts", "too many groups"],
)  # fmt: skip
def test_a_hostile_inventory_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput, match=r"Nothing was imported"):
        inventory_ansible(data)


SSH_CONFIG = b"""
Include ~/.ssh/conf.d/*
Host bastion
  HostName 192.0.2.254
Host xen* !xen9
  User root
  ProxyJump bastion
  ForwardAgent yes
Host xen1 "xen9"
  HostName %h.example.com
  IdentityFile ~/.ssh/k
  User kim
Host far
  ProxyJump kim@one:2201,two
Host old
  ProxyCommand ssh -q -W %h:%p lee@three
Match user foo
  Port 99
Host *
  Port=2222
"""


def test_an_ssh_config_is_read_as_ssh_reads_it() -> None:
    inventory = inventory_ssh_config(SSH_CONFIG)
    rows = [(host.name, host.address, host.port, host.username, host.jump) for host in inventory.hosts]
    assert rows == [
        ("bastion", "192.0.2.254", 2222, "root", ""),
        ("xen1", "xen1.example.com", 2222, "root", "bastion"),
        ("xen9", "xen9.example.com", 2222, "kim", ""),
        ("far", "far", 2222, "root", "two"),
        ("old", "old", 2222, "root", "three"),
        ("one", "one", 2201, "kim", ""),
        ("two", "two", 22, "root", "one"),
        ("three", "three", 22, "lee", ""),
    ]
    texts = " ".join(text for _, text in said(inventory))
    assert all(word in texts for word in ("Include", "Match user foo", "ForwardAgent"))
    assert inventory.hosts[1].notes == "IdentityFile ~/.ssh/k"


WORDS = st.sampled_from(
    ["name", ",", ";", "\n", "\t", '"', "'", "[", "]", ":", "a[1:3]", "all:", "  hosts:\n", "Host ", "ProxyJump a,b",
     "=", "*", "ansible_host=1.2.3.4", "[x:children]", "[x:vars]",
     "\r", "\0", "가", "{{ x }}", "&a ", "*a", "<<: ", "- ", "#",
     "%h", "sep="]
)  # fmt: skip


@pytest.mark.parametrize("read", [inventory_csv, inventory_ansible, inventory_ssh_config])
@settings(max_examples=250, deadline=None)
@given(parts=st.lists(WORDS, max_size=25), tail=st.binary(max_size=30))
def test_any_text_raises_nothing_but_words(read: Callable[[bytes], Inventory], parts: list[str], tail: bytes) -> None:
    with suppress(Explainable):
        inventory = read("".join(parts).encode() + tail)
        assert all(1 <= host.port <= 65535 and host.address for host in inventory.hosts)
        names = {host.name for host in inventory.hosts}
        assert all(host.jump in names for host in inventory.hosts if host.jump)
        assert all(str(problem.words) for problem in inventory.problems)
