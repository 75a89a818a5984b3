"""What all inventory formats share: bytes to text, words to values, and one place that checks a host."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field, replace

from hosts.choices import HostRole
from hosts.errors import BadInput
from hosts.facts.inventory import ImportedHost, Inventory, Problem
from hosts.facts.words import Words, gettext_noop, words

MOST_BYTES = 10 * 1024 * 1024
MOST_HOSTS = 10_000

ROLE_WORDS = {
    "xen": HostRole.XEN, "dom0": HostRole.XEN, "xendom0": HostRole.XEN, "hypervisor": HostRole.XEN, "젠": HostRole.XEN,
    "dhcp": HostRole.DHCP_SERVER, "dhcpd": HostRole.DHCP_SERVER, "dhcpserver": HostRole.DHCP_SERVER,
    "dhcp서버": HostRole.DHCP_SERVER, "dhcprelay": HostRole.DHCP_RELAY, "dhcrelay": HostRole.DHCP_RELAY,
    "relay": HostRole.DHCP_RELAY, "릴레이": HostRole.DHCP_RELAY, "dhcp릴레이": HostRole.DHCP_RELAY,
    "web": HostRole.WEB, "webserver": HostRole.WEB, "nginx": HostRole.WEB, "웹": HostRole.WEB, "웹서버": HostRole.WEB,
    "dns": HostRole.DNS, "dnsserver": HostRole.DNS, "bind": HostRole.DNS, "named": HostRole.DNS,
    "dns서버": HostRole.DNS, "plain": HostRole.PLAIN, "일반": HostRole.PLAIN,
}  # fmt: skip
"""Spellings of roles, blanks, hyphens and underscores taken out."""

_TRUE = frozenset({"1", "y", "yes", "true", "t", "on", "x", "o", "예", "네", "사용"})
_FALSE = frozenset({"", "0", "n", "no", "false", "f", "off", "none", "-", "아니오", "아니요", "미사용"})
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")
_ADDRESS = re.compile(r"[A-Za-z0-9:%._-]{1,253}")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@$-]{0,63}")
_WITH_PORT = re.compile(r"(?:\[([0-9A-Fa-f:.%\w]+)\]|([^:\s\[\]]+))(?::(\d+))?")


def text_and_encoding(data: bytes) -> tuple[str, str]:
    """The text of an uploaded file: by its byte order mark, as UTF-8, as UTF-16 without a mark, or as CP949 (Korean
    Excel). Raises BadInput where it is too large or none of them."""
    if len(data) > MOST_BYTES:
        raise BadInput(
            words(gettext_noop("The file is larger than 10 MB, which no list of hosts is. Nothing was imported."))
        )
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _lines_ended(_decoded(data, encoding)), encoding
    for encoding in ("utf-16-le", "utf-16-be") if b"\0" in data[:200] else ("utf-8", "cp949"):
        try:
            return _lines_ended(data.decode(encoding)), encoding
        except UnicodeDecodeError:
            continue
    raise BadInput(
        words(gettext_noop("The file is neither UTF-8, UTF-16 nor CP949 text. Save it as UTF-8 and send it again."))
    )


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise BadInput(
            words(
                gettext_noop("The file begins as %(encoding)s but is broken at byte %(byte)s. Save it as UTF-8."),
                encoding=encoding,
                byte=error.start,
            )
        ) from error


def _lines_ended(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def truth(text: str) -> bool | None:
    """yes/no in the usual spellings (also Korean); None for anything else."""
    word = text.strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def role(text: str) -> str | None:
    """The role that `text` means, None where it is no role."""
    return ROLE_WORDS.get(re.sub(r"[\s_-]+", "", text).lower())


def host_and_port(text: str) -> tuple[str, str]:
    """("192.0.2.1", "2222") from "192.0.2.1:2222", also "[2001:db8::1]:22" and a bare IPv6 address."""
    text = text.strip()
    if text.count(":") > 1 and not text.startswith("["):
        return text, ""
    match = _WITH_PORT.fullmatch(text)
    return (match[1] or match[2], match[3] or "") if match else (text, "")


def login_host_port(text: str) -> tuple[str, str, str]:
    """("kim", "bastion", "2222") from "kim@bastion:2222", as ProxyJump writes it; also from ssh://..."""
    user, _, rest = text.strip().removeprefix("ssh://").rstrip("/").rpartition("@")
    host, port = host_and_port(rest)
    return user, host, port


@dataclass(slots=True)
class Draft:
    """A host as words, unchecked. `address` empty: the name is the address."""

    name: str
    address: str = ""
    port: str = ""
    username: str = ""
    sudo: str = ""
    roles: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    jump: str = ""
    notes: list[str] = field(default_factory=list)
    site: str = ""
    organization: str = ""
    line: int = 0


class Taker:
    """Takes drafts in, checks each, keeps what is good and says what is not."""

    def __init__(self, kind: str, encoding: str) -> None:
        self.kind, self.encoding = kind, encoding
        self.hosts: dict[str, ImportedHost] = {}
        self.problems: list[Problem] = []
        self.hops: dict[str, str] = {}

    def say(self, line: int, what: Words, *, lost: bool = False) -> None:
        """Note a problem, once."""
        problem = Problem(line, what, lost)
        if problem not in self.problems[-50:]:
            self.problems.append(problem)

    def take(self, draft: Draft) -> None:
        """Check a draft; it becomes a host or a problem, never neither."""
        if len(self.hosts) >= MOST_HOSTS:
            raise BadInput(
                words(
                    gettext_noop("The list names more than %(most)s hosts. Nothing was imported; split it."),
                    most=MOST_HOSTS,
                )
            )
        wrong = self._wrong(draft)
        if wrong is not None:
            self.say(draft.line, wrong, lost=True)
            return
        user, address, port_in_address = login_host_port(draft.address or draft.name)
        self.hosts[draft.name] = ImportedHost(
            name=draft.name,
            address=address,
            port=int(draft.port or port_in_address or 22),
            username=draft.username or user or "root",
            sudo=self._sudo(draft),
            roles=self._roles(draft),
            tags=self._tags(draft),
            jump=draft.jump,
            notes="\n".join(draft.notes),
            site=draft.site[:100],
            organization=draft.organization,
            line=draft.line,
        )

    def _wrong(self, draft: Draft) -> Words | None:
        user, address, port_in_address = login_host_port(draft.address or draft.name)
        port = draft.port or port_in_address or "22"
        username = draft.username or user or "root"
        shown = {"name": draft.name[:100]}
        if not _NAME.fullmatch(draft.name):
            return words(gettext_noop("“%(name)s” is no host name: letters, digits, dots and hyphens."), **shown)
        if draft.name in self.hosts:
            first = self.hosts[draft.name].line
            return words(gettext_noop("%(name)s is there twice; line %(first)s was taken."), **shown, first=first)
        if not _ADDRESS.fullmatch(address) or not _is_address(address):
            return words(gettext_noop("%(name)s: “%(value)s” is no address."), **shown, value=address[:100])
        if not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
            return words(gettext_noop("%(name)s: “%(value)s” is no port (1 to 65535)."), **shown, value=port[:100])
        if not _USER.fullmatch(username):
            return words(gettext_noop("%(name)s: “%(value)s” is no user name."), **shown, value=username[:100])
        return None

    def _sudo(self, draft: Draft) -> bool:
        meant = truth(draft.sudo)
        if meant is None:
            self.say(
                draft.line,
                words(gettext_noop("“%(value)s” is neither yes nor no; sudo was left off."), value=draft.sudo[:100]),
            )
        return bool(meant)

    def _roles(self, draft: Draft) -> tuple[str, ...]:
        found = []
        for word in draft.roles:
            meant = role(word)
            if meant:
                found.append(meant)
            else:
                draft.tags.append(word)
                self.say(draft.line, words(gettext_noop("“%(value)s” is no role; it became a tag."), value=word[:100]))
        return tuple(dict.fromkeys(found))

    def _tags(self, draft: Draft) -> tuple[str, ...]:
        found = [re.sub(r"[\s,]+", "-", tag.strip()).strip("-")[:64] for tag in draft.tags]
        return tuple(dict.fromkeys(tag for tag in found if tag))

    def inventory(self) -> Inventory:
        """The result; jumps that no host of the list answers to are added as hosts of their own."""
        for name in list(self.hosts):
            self._settle_jump(name)
        self._drop_twins()
        problems = tuple(sorted(self.problems, key=lambda problem: problem.line))
        return Inventory(self.kind, tuple(self.hosts.values()), problems, self.encoding)

    def _settle_jump(self, name: str) -> None:
        host = self.hosts[name]
        hops = [hop.strip() for hop in host.jump.split(",") if hop.strip() and host.jump.lower() != "none"]
        through = ""
        for hop in hops:
            through = self._jump_host(hop, through, host)
        self.hosts[name] = replace(host, jump=through if through != name else "")

    def _jump_host(self, hop: str, through: str, behind: ImportedHost) -> str:
        user, address, port = login_host_port(hop)
        known = hop if hop in self.hosts else self.hops.get(hop) or self._known(user, address, port)
        if known:
            self.hops[hop] = known
            return known
        if "%" in hop or "{{" in hop:
            what = words(
                gettext_noop("%(name)s: the jump host “%(hop)s” cannot be read."), name=behind.name, hop=hop[:100]
            )
            self.say(behind.line, what)
            return ""
        note = f"Jump host named by {behind.name}"
        self.take(Draft(address, address, port, user or behind.username, jump=through, notes=[note], line=behind.line))
        if address not in self.hosts:
            return ""
        added = words(gettext_noop("The jump host %(hop)s is not in the list; it was added."), hop=address)
        self.say(behind.line, added)
        return address

    def _known(self, user: str, address: str, port: str) -> str:
        for host in self.hosts.values():
            same_port = not port or int(port) == host.port
            if same_port and user in {"", host.username} and address in {host.name, host.address}:
                return host.name
        return ""

    def _drop_twins(self) -> None:
        """The panel speaks to an address and port by one name only."""
        first: dict[tuple[str, int, str], ImportedHost] = {}
        for host in list(self.hosts.values()):
            place = (host.address.lower(), host.port, host.jump)
            twin = first.setdefault(place, host)
            if twin is not host:
                what = gettext_noop("%(name)s has the address and port of %(first)s; only %(first)s was taken.")
                self.say(host.line, words(what, name=host.name, first=twin.name), lost=True)
                del self.hosts[host.name]
                self._hand_over(host.name, twin.name)

    def _hand_over(self, gone: str, kept: str) -> None:
        for name, host in self.hosts.items():
            if host.jump == gone:
                self.hosts[name] = replace(host, jump=kept)


def _is_address(text: str) -> bool:
    """An IP address or something that could be a DNS name: 1.2.3.400 is neither."""
    if re.fullmatch(r"[0-9.]+", text) or ":" in text:
        try:
            ipaddress.ip_address(text)
        except ValueError:
            return False
    return True
