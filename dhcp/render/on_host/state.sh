# What runs DHCP on this machine, in the sections that hosts.parse.frames reads. It changes nothing.
#
# A program counts as this machine's where it is in the same network namespace: guests have their own.

section() { # NAME COMMAND...
    name=$1
    shift
    if ! command -v "$1" >/dev/null 2>&1; then
        echo "@absent $name $1"
        return 0
    fi
    echo "@begin $name"
    bounded "$@" </dev/null 2>&1 | head -c 1048576 | sed 's/^/|/'
    echo
    echo "@end $name 0"
}

bounded() {
    case $1 in
    processes | sockets | places | dhcpd_places) "$@" ;;
    *) if command -v timeout >/dev/null 2>&1; then timeout 10 "$@"; else "$@"; fi ;;
    esac
}

file() { # NAME PATH
    if [ -r "$2" ] && [ -f "$2" ]; then section "$1" cat "$2"; else echo "@absent $1 file"; fi
}

process() { # DIRECTORY
    printf 'pid %s\nname %s\n' "${1##*/}" "$comm"
    tr '\0\n' '\n ' <"$1/cmdline" | sed 's/^/arg /'
    for each in "$1"/fd/*; do
        printf 'fd %s\n' "$(readlink "$each")"
    done
}

# The words after these options are configurations.
configurations() {
    for each in /proc/[0-9]*; do
        running_here "$each" || continue
        tr '\0' '\n' <"$each/cmdline" | { while read -r word; do case $word in -cf | -c) read -r word && printf '%s %s\n' "$comm" "$word" ;; esac; done; }
    done 2>/dev/null
}

running_here() {
    comm=
    { read -r comm <"$1/comm"; } 2>/dev/null
    case $comm in dhcpd | dhcrelay | kea-dhcp4 | kea-dhcp6) ;; *) return 1 ;; esac
    [ "$(readlink "$1/ns/net")" = "$here" ]
}

processes() {
    for each in /proc/[0-9]*; do
        if running_here "$each"; then process "$each"; fi
    done 2>/dev/null
}

sockets() {
    sed 's/^/packet /' /proc/net/packet
    grep -h -i -E ':(0043|0223) ' /proc/net/udp /proc/net/udp6 | sed 's/^/udp /'
} 2>/dev/null

# Of dhcpd's configuration only what says where things are: no key of it leaves the machine.
dhcpd_places() {
    for each in "$@"; do
        [ -r "$each" ] || continue
        printf 'file %s\n' "$each"
        grep -i -E '^[[:space:]]*(omapi-port|omapi-key|lease-file-name|dhcpv6-lease-file-name|log-facility)[[:space:]]' "$each"
    done
}

places() {
    for each in perl socat nc omshell ping journalctl; do
        if command -v "$each" >/dev/null 2>&1; then printf 'tool %s\n' "$each"; fi
    done
    for each in dhcpd kea-dhcp4 kea-dhcp6 dhcrelay; do
        if command -v "$each" >/dev/null 2>&1; then printf 'program %s\n' "$each"; fi
    done
    for each in /usr/lib/*/kea/hooks/libdhcp_lease_cmds.so /usr/lib/kea/hooks/libdhcp_lease_cmds.so; do
        if [ -f "$each" ]; then printf 'hook %s\n' "$each"; fi
    done
    for each in /var/log/syslog /var/log/daemon.log /var/log/messages /var/log/kea/kea-dhcp4.log /var/log/kea/kea-dhcp6.log; do
        if [ -f "$each" ]; then printf 'log %s\n' "$each"; fi
    done
}

printf '\n@rackdesk-facts 1\n'
here=$(readlink /proc/self/ns/net)
config4=/etc/dhcp/dhcpd.conf
config6=/etc/dhcp/dhcpd6.conf
kea4=/etc/kea/kea-dhcp4.conf
kea6=/etc/kea/kea-dhcp6.conf
others=$(configurations)
for each in $(printf '%s\n' "$others" | sed -n 's/^kea-dhcp4 //p'); do kea4=$each; done
for each in $(printf '%s\n' "$others" | sed -n 's/^kea-dhcp6 //p'); do kea6=$each; done
section date date +%s
section processes processes
section sockets sockets
section places places
# shellcheck disable=SC2046  # paths of daemons have no blanks
section dhcpd_places dhcpd_places "$config4" "$config6" $(printf '%s\n' "$others" | sed -n 's/^dhcpd //p')
file kea4 "$kea4"
file kea6 "$kea6"
file defaults_server /etc/default/isc-dhcp-server
file defaults_relay /etc/default/isc-dhcp-relay
section dhcpd_version dhcpd --version
section relay_version dhcrelay --version
section kea4_version kea-dhcp4 -v
section kea6_version kea-dhcp6 -v
section ip_address ip -j address show
section ip_route ip -j route show
section ip_route6 ip -j -6 route show
section units systemctl show --no-pager -p Id,LoadState,ActiveState,SubState,Result,MainPID isc-dhcp-server.service \
    isc-dhcp-server6.service isc-dhcp-relay.service kea-dhcp4-server.service kea-dhcp6-server.service
echo '@finish'
