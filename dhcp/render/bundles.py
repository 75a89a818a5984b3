"""Texts for a host in, the bundle of a change out: checked there by the real programs, restarted, seen to listen.

Programs get values as arguments, never as text of a shell: the scripts below are constants and find them in "$1".
Source: Debian 12's isc-dhcp-server, isc-dhcp-relay and kea-dhcp4-server; ss(8).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dhcp.facts.places import (
    PORTS,
    RELAY_DEFAULTS,
    RELAY_PROGRAM,
    RELAY_UNIT,
    SERVER_DEFAULTS,
    Places,
)
from dhcp.render.dhcpd import include_line
from hosts.facts.change import Bundle, Command, WantedFile

CHECK_SECONDS, RESTART_SECONDS, VERIFY_SECONDS = 60, 90, 60
_SECRET_MODE = 0o640

# dhcpd would read the keys where they are to be; the copy of the staged file reads them where they are staged. It
# lies beside it, since AppArmor lets dhcpd read nothing but /etc/dhcp.
_CHECK_WITH_KEYS = """set -u
copy=$(mktemp -p "${1%/*}") || exit 1
trap 'rm -f "$copy"' EXIT
trap 'exit 1' HUP INT TERM
OLD=$2 NEW=$3 awk '$0 == ENVIRON["OLD"] { print ENVIRON["NEW"]; next } { print }' "$1" >"$copy" || exit 1
dhcpd -t "$4" -cf "$copy" -lf "$5" """

_HAS_INTERFACE = """[ -e "/sys/class/net/$1" ] && exit 0
echo "There is no interface $1 on this host."; exit 1"""

# Whether it serves is asked of the kernel: a unit made of an init script stays active when its daemon has died.
_NOTE_STATE = """umask 077; mkdir -p /run/rackdesk || exit 1
case $(ss -Hlunp "sport = :$3") in
*"\\"$2\\""*) : >"/run/rackdesk/served-$1.$3" ;;
*) rm -f "/run/rackdesk/served-$1.$3" ;;
esac"""
_AS_BEFORE = """if [ -e "/run/rackdesk/served-$1.$2" ]; then systemctl restart "$1"
else echo "$1 did not serve before; it is stopped."; systemctl stop "$1"; fi"""
_LISTENS = """seen=0 looks=0
while [ "$seen" -lt 2 ]; do
    case $(ss -Hlunp "sport = :$3") in *"\\"$2\\""*) seen=$((seen + 1)) ;; *) seen=0 ;; esac
    if [ "$looks" -ge 20 ]; then
        echo "$2 does not listen on UDP port $3."
        systemctl --no-pager --lines=0 status "$1"
        journalctl --no-pager -o cat -n 20 -u "$1"
        exit 1
    fi
    looks=$((looks + 1))
    sleep 1
done
systemctl is-active "$1" """


@dataclass(frozen=True, slots=True)
class Texts:
    """What one server is told: its configuration, its keys ("" for none), and the file of the start script.

    `had_keys` says that an earlier change put a file of keys there, which goes away where there are none any more.
    """

    config: str
    keys: str = ""
    defaults: str = ""
    had_keys: bool = False
    interfaces: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Texts({len(self.config)} letters, {len(self.keys)} of keys)"


def isc_bundle(texts: Texts, places: Places, version: int, probe: Iterable[Command] = ()) -> Bundle:
    """dhcpd.conf with its keys beside it; dhcpd cannot reload, so it is restarted."""
    files = [WantedFile(places.config, texts.config.encode(), make_parents=True)]
    if texts.keys:
        files.append(WantedFile(places.keys, texts.keys.encode(), mode=_SECRET_MODE, secret=True))
    elif texts.had_keys:
        files.append(WantedFile(places.keys, None, secret=True))
    files.append(WantedFile(SERVER_DEFAULTS, texts.defaults.encode()))
    staged = f"{{staged:{places.config}}}"
    tested = Command(
        ("dhcpd", "-t", f"-{version}", "-cf", staged, "-lf", places.leases),
        CHECK_SECONDS,
    )
    if texts.keys:
        old, new = include_line(places.keys), f'include "{{staged:{places.keys}}}";'
        tested = _script(_CHECK_WITH_KEYS, staged, old, new, f"-{version}", places.leases)
    return _served(tuple(files), (tested,), places, texts.interfaces, probe)


def kea_bundle(texts: Texts, places: Places, probe: Iterable[Command] = ()) -> Bundle:
    """The JSON of kea-dhcp4 or kea-dhcp6; its lock file would be root's if the check made it."""
    quiet = (("KEA_LOCKFILE_DIR", "none"), ("KEA_PIDFILE_DIR", "/run"))
    tested = Command((places.program, "-t", f"{{staged:{places.config}}}"), CHECK_SECONDS, quiet)
    files = (WantedFile(places.config, texts.config.encode(), make_parents=True),)
    return _served(files, (tested,), places, texts.interfaces, probe)


def relay_bundle(defaults: str, interfaces: Iterable[str], probe: Iterable[Command] = ()) -> Bundle:
    """/etc/default/isc-dhcp-relay, which a shell reads."""
    places = Places(RELAY_DEFAULTS, "", "", RELAY_UNIT, RELAY_PROGRAM, PORTS[4])
    files = (WantedFile(RELAY_DEFAULTS, defaults.encode()),)
    return _served(files, (Command(("sh", "-n", f"{{staged:{RELAY_DEFAULTS}}}")),), places, interfaces, probe)


def _served(
    files: tuple[WantedFile, ...],
    check: tuple[Command, ...],
    places: Places,
    interfaces: Iterable[str],
    probe: Iterable[Command],
) -> Bundle:
    unit, program, port = places.unit, places.program, str(places.port)
    return Bundle(
        files=files,
        before=(_script(_NOTE_STATE, unit, program, port),),
        check=(*(_script(_HAS_INTERFACE, name) for name in interfaces), *check),
        activate=(Command(("systemctl", "restart", unit), RESTART_SECONDS),),
        verify=(_script(_LISTENS, unit, program, port, seconds=VERIFY_SECONDS), *probe),
        undo=(_script(_AS_BEFORE, unit, port, seconds=RESTART_SECONDS),),
    )


def _script(text: str, *values: str, seconds: int = CHECK_SECONDS) -> Command:
    return Command(("sh", "-c", text, "sh", *values), seconds)
