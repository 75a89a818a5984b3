"""Files for DHCP clients out, so that a machine takes the host name that its lease tells it.

dhclient sources its hooks, so that nothing in them may end the shell. The hooks also write /etc/hostname and the line
of 127.0.1.1 in /etc/hosts, so that the name stays over a reboot and resolves; systemd-networkd sets the transient name
by itself. Source: dhclient-script(8), NetworkManager-dispatcher(8), systemd.network(5).
"""

from __future__ import annotations

import re

from hosts.errors import RenderError
from hosts.facts.words import gettext_noop, words

DHCLIENT = "/etc/dhcp/dhclient-exit-hooks.d/rackdesk-hostname"
NETWORK_MANAGER = "/etc/NetworkManager/dispatcher.d/60-rackdesk-hostname"
NETWORKD = "/etc/systemd/network/{interface}.network.d/rackdesk-hostname.conf"

_SET = r"""rackdesk_set_hostname() {
    # A name that is none of RFC 1123 is passed over: what a lease says comes from the network.
    case "$1" in
        "" | *[!A-Za-z0-9.-]* | [.-]* | *- | *. | *..*) return 0 ;;
    esac
    [ "${#1}" -le 64 ] || return 0
    [ "$(hostname)" != "$1" ] || return 0
    rackdesk_old=$(hostname)
    hostname "$1" || return 0
    printf '%s\n' "$1" > /etc/hostname.rackdesk && cat /etc/hostname.rackdesk > /etc/hostname
    rm -f /etc/hostname.rackdesk
    rackdesk_short=${1%%.*}
    rackdesk_names=$1
    [ "$rackdesk_short" = "$1" ] || rackdesk_names="$1 $rackdesk_short"
    if grep -q '^127\.0\.1\.1[[:space:]]' /etc/hosts; then
        sed "s/^127\.0\.1\.1[[:space:]].*/127.0.1.1\t$rackdesk_names/" /etc/hosts > /etc/hosts.rackdesk &&
            cat /etc/hosts.rackdesk > /etc/hosts
        rm -f /etc/hosts.rackdesk
    else
        printf '127.0.1.1\t%s\n' "$rackdesk_names" >> /etc/hosts
    fi
    logger -t rackdesk-hostname "host name $rackdesk_old is now $1, as the DHCP server says" 2> /dev/null || :
}
"""


def dhclient_exit_hook() -> str:
    """/etc/dhcp/dhclient-exit-hooks.d/...: sourced by dhclient-script, mode 0644. Debian's asks for host-name."""
    return (
        "# Takes the host name of the lease (option host-name). Written by Rackdesk.\n"
        + _SET
        + 'case "$reason" in\n    BOUND | RENEW | REBIND | REBOOT) rackdesk_set_hostname "$new_host_name" ;;\nesac\n'
    )


def network_manager_dispatcher() -> str:
    """/etc/NetworkManager/dispatcher.d/...: an executable of root's, mode 0755."""
    return (
        "#!/bin/sh\n# Takes the host name of the lease (option host-name). Written by Rackdesk.\n"
        + _SET
        + 'case "$2" in\n    up | dhcp4-change) rackdesk_set_hostname "$DHCP4_HOST_NAME" ;;\nesac\n'
    )


def networkd_drop_in(network: str) -> tuple[str, str]:
    """(path, text) for the .network file of that name ("10-eth0"). systemd-networkd sets the transient name itself."""
    if not re.fullmatch(r"[A-Za-z0-9_.:@-]{1,64}", network):
        said = gettext_noop("%(name)s is no name of a network file.")
        raise RenderError(words(said, name=network))
    path = NETWORKD.format(interface=network)
    return path, "# Takes the host name of the lease. Written by Rackdesk.\n[DHCPv4]\nUseHostname=yes\n"
