"""A lease and the way to its running server in; what came of ending it out, without a restart of the server."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Protocol

from dhcp.facts.answers import KeaSocket, Omapi, Release, ReleaseState
from dhcp.parse.addresses import mac as plain_mac
from dhcp.parse.answers import kea_answer, omapi_answer
from dhcp.parse.log_news import NothingRead
from dhcp.render.on_host.asking import kea_command, omapi_release
from hosts.facts.words import gettext_noop, words
from hosts.outside.shell import Shell

SECONDS = 60
_RELEASED = gettext_noop("The lease of %(ip)s was ended. The client keeps using the address until it asks again.")
_NOT_LEASED = gettext_noop("Nobody has a lease of %(ip)s at the server; there was nothing to release.")
_OTHER = gettext_noop("%(ip)s belongs to %(mac)s by now. Nothing was released; look at the lease again.")
_NO_WAY = gettext_noop(
    "This server takes no orders while it runs, so its lease of %(ip)s was left. Add omapi-port and omapi-key with a "
    "key to dhcpd.conf, or Kea's control-socket and the hook libdhcp_lease_cmds.so, and apply that once."
)
_NO_V6 = gettext_noop("dhcpd cannot end an IPv6 lease while it runs; the lease of %(ip)s was left.")
_REFUSED = {
    "noomshell": gettext_noop("The host has no omshell, so the lease was left. Install isc-dhcp-server there."),
    "nosocket": gettext_noop(
        "Kea's control socket is not there, so the lease was left. Add control-socket with that path to its "
        "configuration, and see that Kea runs."
    ),
    "closed": gettext_noop("Kea's control socket does not answer, so the lease was left. See that Kea runs."),
    "notool": gettext_noop(
        "The host has nothing to speak to Kea's control socket with, so the lease was left. Install perl or socat."
    ),
    "": gettext_noop("The host did not tell what came of it. Look at the lease again in a moment."),
}
_OMAPI = {
    "connection reset by peer": gettext_noop(
        "dhcpd does not accept the panel's OMAPI key, so the lease was left. Compare the key's name, algorithm and "
        "secret with dhcpd.conf."
    ),
    "no key specified": gettext_noop("dhcpd wants a key for OMAPI, so the lease was left. Mark its key in the panel."),
    "dhcpctl_connect": gettext_noop(
        "dhcpd does not answer at port %(port)s, so the lease was left. Add omapi-port %(port)s to its configuration, "
        "and see that it runs."
    ),
}
_SAID = gettext_noop("The server did not release %(ip)s: %(said)s.")
_NO_HOOK = gettext_noop(
    "Kea does not know commands for leases, so the lease of %(ip)s was left. Add libdhcp_lease_cmds.so to "
    "hooks-libraries in its configuration."
)
_DONE, _NOT_SUPPORTED, _EMPTY = 0, 2, 3


class Releaser(Protocol):
    """`release`, or a fake of it."""

    def __call__(self, shell: Shell, way: Omapi | KeaSocket | None, ip: str, mac: str = "") -> Release: ...


def release(shell: Shell, way: Omapi | KeaSocket | None, ip: str, mac: str = "") -> Release:
    """With `mac` (or the DUID of a client of DHCPv6) only where it is still that client's lease. A delegated prefix is
    given with its length.

    `way` is None where the server is not told to take orders. One exec for dhcpd, two for Kea. ValueError for what is
    no address or MAC, RenderError for a key that cannot be one, and the errors of `Shell`.
    """
    address = ip_address(ip.partition("/")[0])
    client = plain_mac(mac) if mac else ""
    if client is None:
        raise ValueError("no MAC")
    if way is None:
        return Release(ReleaseState.NOT_POSSIBLE, words(_NO_WAY, ip=ip))
    try:
        if isinstance(way, KeaSocket):
            return _by_kea(shell, way, ip, client)
        if address.version == 6:
            return Release(ReleaseState.NOT_POSSIBLE, words(_NO_V6, ip=ip))
        return _by_omapi(shell, way, str(address), client)
    except NothingRead as refused:
        state = ReleaseState.NOT_POSSIBLE if refused.why else ReleaseState.UNKNOWN
        return Release(state, words(_REFUSED[refused.why]))


def _by_omapi(shell: Shell, way: Omapi, ip: str, mac: str) -> Release:
    request = omapi_release(way, ip, mac)
    answer = omapi_answer(shell.run(request.line, stdin=request.stdin, timeout_seconds=SECONDS).stdout)
    if answer.ended:
        return Release(ReleaseState.RELEASED, words(_RELEASED, ip=ip))
    if answer.problem and not answer.problem.endswith("not found"):
        known = next((said for part, said in _OMAPI.items() if part in answer.problem), "")
        said = words(known, port=way.port) if known else words(_SAID, ip=ip, said=answer.problem)
        return Release(ReleaseState.NOT_POSSIBLE, said)
    if answer.is_active and mac and answer.mac != mac:
        return Release(ReleaseState.OTHER_CLIENT, words(_OTHER, ip=ip, mac=answer.mac or "-"))
    return Release(ReleaseState.NOT_LEASED, words(_NOT_LEASED, ip=ip))


def _by_kea(shell: Shell, way: KeaSocket, ip: str, mac: str) -> Release:
    number = 6 if ":" in ip else 4
    for command in (f"lease{number}-get", f"lease{number}-del"):
        request = kea_command(way, command, ip)
        answer = kea_answer(shell.run(request.line, stdin=request.stdin, timeout_seconds=SECONDS).stdout)
        if answer.result == _NOT_SUPPORTED:
            return Release(ReleaseState.NOT_POSSIBLE, words(_NO_HOOK, ip=ip))
        if answer.result == _EMPTY:
            return Release(ReleaseState.NOT_LEASED, words(_NOT_LEASED, ip=ip))
        if answer.result != _DONE:
            return Release(ReleaseState.NOT_POSSIBLE, words(_SAID, ip=ip, said=answer.text.rstrip(".")))
        if command.endswith("get") and mac and not answer.is_of(mac):
            return Release(ReleaseState.OTHER_CLIENT, words(_OTHER, ip=ip, mac=answer.mac or answer.duid or "-"))
    return Release(ReleaseState.RELEASED, words(_RELEASED, ip=ip))
