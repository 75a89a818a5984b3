"""What each preset does on a host: checked values in, a proposal out. Programs get values as arguments, never as text
of a shell: the few `sh -c` scripts below are constants and find the values in "$1", "$2"."""

from __future__ import annotations

import base64
import binascii
import re

from hosts.errors import BadInput
from hosts.facts.change import Bundle, Command, Guard, WantedFile
from hosts.facts.proposal import Edit, Meaning, Proposal
from hosts.facts.words import gettext_noop, words

QUIET_APT = (("DEBIAN_FRONTEND", "noninteractive"), ("APT_LISTCHANGES_FRONTEND", "none"), ("NEEDRESTART_MODE", "l"))
APT_SECONDS = 1800

_KEY_TYPES = (
    "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa",
    "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
)  # fmt: skip
_KEY = re.compile(rf"(?:(.*)\s)?({'|'.join(map(re.escape, _KEY_TYPES))})\s+([A-Za-z0-9+/]+={{0,2}})(?:\s+(.*))?")
_SETTING = re.compile(r"-?\s*([A-Za-z0-9_][A-Za-z0-9_./-]*)\s*=\s*(\S.*)")

_VALUE_HOLDS = """set -f; wanted=$(echo $2); now=$(sysctl -n "$1") || exit 1; now=$(echo $now)
[ "$now" = "$wanted" ] || { echo "$1 is $now, not $wanted"; exit 1; }"""

# dpkg's state of the package is noted before, so that an undo takes away only what this change brought.
_NOTE_STATE = """umask 077; mkdir -p /run/rackdesk || exit 1
case $(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null) in
ii*) rm -f "/run/rackdesk/brought-$1" ;;
*) : >"/run/rackdesk/brought-$1" ;;
esac"""
_TAKE_AWAY = """[ -e "/run/rackdesk/brought-$1" ] || { echo "$1 was there before; it stays."; exit 0; }
apt-get remove -y -o DPkg::Lock::Timeout=120 "$1" && rm -f "/run/rackdesk/brought-$1" """
_IS_INSTALLED = """state=$(dpkg-query -W -f '${db:Status-Abbrev} ${Version}' "$1") || exit 1
case $state in ii*) echo "$1 ${state#ii}" ;; *) echo "$1 is $state"; exit 1 ;; esac"""

# A machine with a failed unit is up ("degraded"); "starting" waits, without systemd there is nothing to ask.
_IS_UP = """[ -d /run/systemd/system ] || exit 0
state=$(systemctl is-system-running --wait); echo "$state"
case $state in running | degraded) exit 0 ;; *) exit 1 ;; esac"""


def _script(text: str, *values: str, seconds: int = 60) -> Command:
    return Command(("sh", "-c", text, "sh", *values), seconds)


def motd(text: str) -> Proposal:
    """/etc/motd with this text, its line ends made Unix's."""
    body = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    content = f"{body}\n".encode() if body.strip() else b""
    meaning = (
        words(gettext_noop("Everybody who logs in reads %(count)s new lines."), count=body.count("\n") + 1)
        if content
        else words(gettext_noop("Empties the message of the day."))
    )
    return Proposal(
        title="/etc/motd",
        bundle=Bundle(files=(WantedFile("/etc/motd", content),)),
        means=(Meaning("add" if content else "take", meaning),),
    )


def authorized_key(key: str, *, user: str = "root", home: str = "") -> Proposal:
    """One line more in a user's authorized_keys; made from the live file, whose other lines stay byte for byte."""
    line = key.strip()
    match = _KEY.fullmatch(line)
    if match is None or not _is_key(match[2], match[3]):
        raise BadInput(
            words(gettext_noop("This is no public key line. It looks like: ssh-ed25519 AAAA... kim@desk")), field="key"
        )
    if not re.fullmatch(r"[a-z_][a-z0-9_.-]{0,31}\$?", user):
        raise BadInput(words(gettext_noop("“%(user)s” is no user name."), user=user[:60]), field="user")
    directory = home.rstrip("/") or ("/root" if user == "root" else f"/home/{user}")
    if not directory.startswith("/") or "\0" in directory or "/../" in f"{directory}/":
        raise BadInput(words(gettext_noop("The home directory is an absolute path, such as /home/kim.")), field="home")
    path = f"{directory}/.ssh/authorized_keys"
    named = match[4] or f"{match[2]} …{match[3][-12:]}"
    return Proposal(
        title=words(gettext_noop("Authorized key for %(user)s"), user=user),
        bundle=Bundle(
            files=(WantedFile(path, None, owner=user, group=user, mode=0o600, make_parents=True),),
            check=(Command(("ssh-keygen", "-l", "-f", "{staged}")),),
            verify=(Command(("grep", "-qF", "--", match[3], path)),),
        ),
        means=(
            Meaning("add", words(gettext_noop("%(key)s may log in as %(user)s."), key=named[:200], user=user)),
            Meaning("same", words(gettext_noop("Every other key stays as it is."))),
        ),
        edits=(Edit(path, line),),
    )


def _is_key(kind: str, blob: str) -> bool:
    """Whether the base64 part is a key of that kind: it begins with the kind's name (RFC 4253, section 6.6)."""
    try:
        raw = base64.b64decode(blob, validate=True)
    except (binascii.Error, ValueError):
        return False
    return raw.startswith(len(kind).to_bytes(4, "big") + kind.encode()) and len(raw) > len(kind) + 30


def sysctl_file(settings: str, *, file: str = "60-rackdesk.conf") -> Proposal:
    """A file in /etc/sysctl.d with `settings` (lines of key = value, comments kept), loaded and verified.

    The check asks only whether the kernel knows each key: `sysctl -p` on the staged file would already set it.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}\.conf", file):
        raise BadInput(words(gettext_noop("The file name ends in .conf, such as 60-rackdesk.conf.")), field="file")
    lines = settings.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n")
    pairs = [pair for number, line in enumerate(lines, 1) if (pair := _setting(number, line))]
    if not pairs:
        raise BadInput(
            words(gettext_noop("Type at least one setting, such as: net.ipv4.ip_forward = 1")), field="settings"
        )
    path = f"/etc/sysctl.d/{file}"
    # The same key twice: the last one holds.
    last = dict(pairs)
    return Proposal(
        title=path,
        bundle=Bundle(
            files=(WantedFile(path, "\n".join([*lines, ""]).encode(), make_parents=True),),
            check=tuple(Command(("test", "-e", _proc_path(key))) for key in last),
            activate=(Command(("sysctl", "-p", path)),),
            verify=tuple(_script(_VALUE_HOLDS, key, value) for key, value in last.items()),
            undo=(Command(("sysctl", "--system")),),
        ),
        means=(
            *(
                Meaning("add", words(gettext_noop("%(key)s becomes %(value)s."), key=k, value=v))
                for k, v in last.items()
            ),
            Meaning(
                "heed",
                words(
                    gettext_noop(
                        "Put back, a value that no other file sets stays in the running kernel until it reboots."
                    )
                ),
            ),
        ),
    )


def _setting(number: int, line: str) -> tuple[str, str] | None:
    if not line.strip() or line.lstrip().startswith(("#", ";")):
        return None
    match = _SETTING.fullmatch(line.strip())
    if match is None or ".." in match[1].replace("/", "."):
        raise BadInput(
            words(
                gettext_noop("Line %(number)s: “%(text)s” is not of the form key = value."),
                number=number,
                text=line.strip()[:80],
            ),
            field="settings",
        )
    return match[1], match[2]


def _proc_path(key: str) -> str:
    """sysctl(8): with dots between the parts a slash stands for a dot (eth0/100), with slashes it is the path."""
    separator = re.search(r"[./]", key)
    dotted = separator is None or separator[0] == "."
    return "/proc/sys/" + (key.translate(str.maketrans("./", "/.")) if dotted else key)


def package(name: str, *, refresh: bool = False) -> Proposal:
    """A Debian package installed; where it was not there before, an undo takes it away again."""
    wanted = name.strip()
    if not re.fullmatch(r"[a-z0-9][a-z0-9+.-]{1,100}", wanted):
        raise BadInput(
            words(gettext_noop("“%(package)s” is no Debian package name, such as chrony."), package=wanted[:60]),
            field="name",
        )
    options = (
        "-o",
        "DPkg::Lock::Timeout=120",
        "-o",
        "Dpkg::Options::=--force-confdef",
        "-o",
        "Dpkg::Options::=--force-confold",
    )
    update = (Command(("apt-get", "update", "-q", "-o", "DPkg::Lock::Timeout=120"), 600, QUIET_APT),) if refresh else ()
    return Proposal(
        title=wanted,
        bundle=Bundle(
            before=(*update, _script(_NOTE_STATE, wanted)),
            check=(Command(("apt-get", "-s", "-q", "install", "--no-remove", wanted), 120, QUIET_APT),),
            activate=(
                Command(("apt-get", "install", "-y", "-q", "--no-remove", *options, wanted), APT_SECONDS, QUIET_APT),
            ),
            verify=(_script(_IS_INSTALLED, wanted),),
            undo=(_script(_TAKE_AWAY, wanted, seconds=APT_SECONDS),),
        ),
        means=(
            Meaning("add", words(gettext_noop("%(package)s and what it needs are there."), package=wanted)),
            Meaning("same", words(gettext_noop("No package is removed; configuration files you changed stay yours."))),
            Meaning(
                "heed", words(gettext_noop("A service in it may be started at once, and an old version is upgraded."))
            ),
        ),
    )


def reboot(seconds: str | int = 600) -> Proposal:
    """A guarded reboot: done when the host shows another boot id and systemd says that it is up."""
    wait = int(seconds) if re.fullmatch(r"[0-9]{1,6}", str(seconds).strip()) else 0
    if not 60 <= wait <= 3600:
        raise BadInput(
            words(gettext_noop("Give between 60 and 3600 seconds for the machine to come back.")), field="seconds"
        )
    return Proposal(
        title=words(gettext_noop("Reboot")),
        bundle=Bundle(verify=(_script(_IS_UP, seconds=min(wait, 300)),), guard=Guard(seconds=wait, reboots=True)),
        means=(
            Meaning("heed", words(gettext_noop("The machine restarts; everything on it stops, guests of a dom0 too."))),
            Meaning("info", words(gettext_noop("It is waited for %(seconds)s seconds, then looked at."), seconds=wait)),
        ),
    )
