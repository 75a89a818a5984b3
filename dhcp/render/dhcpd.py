"""A server in, its dhcpd.conf out, or RenderError: the same facts give the same bytes.

Source: dhcpd.conf(5), dhcp-options(5) of ISC DHCP 4.4. What is said first can be used by what follows: definitions,
keys, zones and partners, then settings, classes, networks, hosts.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address, ip_network, summarize_address_range

from dhcp.facts.config import INDENT
from dhcp.facts.option_types import kind_by_name, kinds
from dhcp.facts.options import OptionKind
from dhcp.facts.server import (
    Boot,
    ClientClass,
    Group,
    OptionDefinition,
    OptionSpace,
    Pool,
    Range,
    Reservation,
    Server,
    Settings,
    SharedNetwork,
    Subclass,
    Subnet,
)
from dhcp.render import dhcpd_words as say
from dhcp.render.peers import failover_lines, key_lines, zone_lines

Lines = list[str]
ORIGIN = "#: "
HEADER = "#:: "


def dhcpd_conf(server: Server, keys_file: str = "") -> str:
    """Each declaration has a comment with its origin, where it has one, and its note.

    With a `keys_file` (an absolute path) the keys are included from there, see `keys_conf`; their secrets are not in
    the text then.
    """
    blocks = _Renderer(kinds(server.definitions), server.version).server(server, keys_file)
    lines = [f"{HEADER}{line}" for line in server.origin.splitlines()]
    note = [f"# {line}".rstrip() for line in server.note.splitlines()]
    return "\n".join([*lines, *_apart([*blocks, note])]) + "\n"


def keys_conf(server: Server) -> str:
    """The file of the keys alone, each with its secret; "" where there are none."""
    lines = _apart(key_lines(key) for key in server.keys)
    return "\n".join(lines) + "\n" if lines else ""


def include_line(path: str) -> str:
    """The statement that reads another file in its place."""
    return f"include {say.text(path, 'include')};"


def _apart(blocks: Iterable[Lines]) -> Lines:
    """Declarations apart from what stands around them by an empty line."""
    out: Lines = []
    before = 0
    for block in blocks:
        if block:
            out += ["", *block] if out and max(before, len(block)) > 1 else block
            before = len(block)
    return out


def _block(head: str, inner: Lines, note: str = "", origin: str = "") -> Lines:
    above = [f"{ORIGIN}{line}" for line in origin.splitlines()] + [f"# {line}".rstrip() for line in note.splitlines()]
    if not inner:
        return [*above, f"{head} {{ }}"]
    return [*above, f"{head} {{", *(f"{INDENT}{line}".rstrip() for line in inner), "}"]


class _Renderer:
    def __init__(self, custom: dict[str, OptionKind], version: int) -> None:
        self._custom = custom
        self._six = "6" if version == 6 else ""

    def server(self, server: Server, keys_file: str) -> list[Lines]:
        keys = [[include_line(keys_file)]] if keys_file and server.keys else [key_lines(key) for key in server.keys]
        return [
            *[[_space(space)] for space in server.spaces],
            *[[_definition(definition)] for definition in server.definitions],
            *keys,
            *[zone_lines(zone) for zone in server.zones],
            *[failover_lines(peer) for peer in server.failover],
            *self.settings(server.settings),
            *[self.client_class(each) for each in server.classes],
            *[self.subclass(each) for each in server.subclasses],
            *[self.shared_network(each) for each in server.shared_networks],
            *[self.subnet(each) for each in server.subnets],
            *[self.group(each) for each in server.groups],
            *self.reservations(server.reservations),
        ]

    def settings(self, settings: Settings) -> list[Lines]:
        """Each its own block of lines."""
        lines = say.times_and_boot(settings)
        lines += [say.option(each, kind_by_name(each.name, self._custom)) for each in settings.options]
        lines += [say.parameter(each) for each in settings.parameters]
        return [
            *[[line] for line in lines],
            _architectures(settings.boot),
            *[say.raw_lines(r.text) for r in settings.raw],
        ]

    def client_class(self, each: ClientClass) -> Lines:
        inner = [f"match {say.written(match, 'match')};" for match in each.match]
        inner += [f"spawn with {say.written(each.spawn, 'spawn')};"] if each.spawn else []
        inner += [f"lease limit {each.lease_limit};"] if each.lease_limit is not None else []
        inner += _apart(self.settings(each.settings))
        return _block(f"class {say.text(each.name, 'class')}", inner, each.note, each.origin)

    def subclass(self, each: Subclass) -> Lines:
        head = f"subclass {say.text(each.of, 'subclass')} {say.written(each.data, each.of)}"
        inner = [f"lease limit {each.lease_limit};"] if each.lease_limit is not None else []
        inner += _apart(self.settings(each.settings))
        block = _block(head, inner, each.note, each.origin)
        return block if inner else [*block[:-1], f"{head};"]

    def shared_network(self, each: SharedNetwork) -> Lines:
        blocks = [
            *_interface(each.interface),
            *self.settings(each.settings),
            *[self.subnet(subnet) for subnet in each.subnets],
            *[self.pool(pool) for pool in each.pools],
            *[self.group(group) for group in each.groups],
            *self.reservations(each.reservations),
        ]
        return _block(f"shared-network {say.text(each.name, 'shared-network')}", _apart(blocks), each.note, each.origin)

    def subnet(self, each: Subnet) -> Lines:
        blocks = [
            *_interface(each.interface),
            *self.settings(each.settings),
            *[[line] for line in self.ranges(each)],
            *[self.pool(pool) for pool in each.pools],
            *[self.group(group) for group in each.groups],
            *self.reservations(each.reservations),
        ]
        return _block(_subnet_head(each.network), _apart(blocks), each.note, each.origin)

    def ranges(self, each: Subnet | Pool) -> Lines:
        lines = [_range(one) for one in each.ranges]
        for one in each.prefixes:
            lines.append(
                f"prefix6 {say.address(one.first, 'prefix6')} {say.address(one.last, 'prefix6')} /{one.length};"
            )
        return lines

    def pool(self, each: Pool) -> Lines:
        inner = [f"failover peer {say.text(each.failover, 'failover peer')};"] if each.failover else []
        inner += [f"{say.bare(one.verb, 'allow')} {say.written(one.who, one.verb)};" for one in each.permits]
        blocks = [[line] for line in inner] + self.settings(each.settings) + [[line] for line in self.ranges(each)]
        return _block(f"pool{self._six}", _apart(blocks), each.note, each.origin)

    def group(self, each: Group) -> Lines:
        blocks = [
            *self.settings(each.settings),
            *[self.shared_network(one) for one in each.shared_networks],
            *[self.subnet(one) for one in each.subnets],
            *[self.group(one) for one in each.groups],
            *self.reservations(each.reservations),
        ]
        head = f"group {say.name(each.name, 'group')}" if each.name else "group"
        return _block(head, _apart(blocks), each.note, each.origin)

    def reservations(self, all_of_them: Iterable[Reservation]) -> list[Lines]:
        return [self.reservation(each) for each in all_of_them if each.enabled]

    def reservation(self, each: Reservation) -> Lines:
        inner = (
            [f"hardware {say.bare(each.hardware, 'hardware')} {say.identifier(each.mac, 'hardware')};"]
            if each.mac
            else []
        )
        inner += [f"host-identifier {say.written(each.match, 'host-identifier')};"] if each.match else []
        if each.client_id:
            inner.append(f"option dhcp-client-identifier {say.identifier(each.client_id, 'client id')};")
        if each.addresses:
            said = ", ".join(say.address(address, "fixed-address") for address in each.addresses)
            inner.append(f"fixed-address{self._six} {said};")
        inner += [f"fixed-prefix6 {say.address(prefix, 'fixed-prefix6')};" for prefix in each.prefixes]
        inner += [f"option host-name {say.text(each.hostname, 'host-name')};"] if each.hostname else []
        inner += _apart(self.settings(each.settings))
        return _block(f"host {say.bare(each.name, 'host')}", inner, each.note, each.origin)


def _interface(name: str) -> list[Lines]:
    return [[f"interface {say.text(name, 'interface')};"]] if name else []


def _space(space: OptionSpace) -> str:
    return say.statement(f"option space {say.bare(space.name, 'space')}", say.written(space.widths, space.name))


def _definition(each: OptionDefinition) -> str:
    kind = each.type.strip()
    if not all(letter.isalnum() or letter in " {},-_" for letter in kind) or kind.count("{") != kind.count("}"):
        say.written(";", each.name)
    return f"option {say.bare(each.name, 'option')} code {each.code} = {kind};"


def _subnet_head(network: str) -> str:
    found = ip_network(network)
    if found.version == 6:
        return f"subnet6 {found}"
    return f"subnet {found.network_address} netmask {found.netmask}"


def _range(each: Range) -> str:
    first, last = say.address(each.first, "range"), say.address(each.last, "range")
    if ":" in first:
        if each.temporary:
            (network, *_) = summarize_address_range(ip_address(first), ip_address(last))
            return f"range6 {network} temporary;"
        return f"range6 {first} {last};"
    return f"range {'dynamic-bootp ' if each.bootp else ''}{first} {last};"


def _architectures(boot: Boot) -> Lines:
    lines: Lines = []
    for code, filename in boot.by_architecture:
        head = "} elsif" if lines else "if"
        code_in_hex = f"{code >> 8 & 255:02x}:{code & 255:02x}"
        lines += [
            f"{head} option pxe-system-type = {code_in_hex} {{",
            f"{INDENT}filename {say.text(filename, 'filename')};",
        ]
    return [*lines, "}"] if lines else lines
