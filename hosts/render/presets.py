"""Ready-made changes: a preset's name and its values in, a proposal for a host out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hosts.errors import BadInput
from hosts.facts.preset import Preset, PresetField
from hosts.facts.proposal import Proposal
from hosts.facts.words import gettext_noop, words
from hosts.render.preset_bundles import authorized_key, motd, package, reboot, sysctl_file

PRESETS: tuple[Preset, ...] = (
    Preset(
        "motd",
        words(gettext_noop("Message of the day")),
        words(gettext_noop("Writes /etc/motd, which everybody sees who logs in.")),
        (
            PresetField(
                "text",
                words(gettext_noop("Text")),
                words(gettext_noop("Shown as it is; empty clears it.")),
                "text",
                required=False,
            ),
        ),
    ),
    Preset(
        "authorized_key",
        words(gettext_noop("Authorized key")),
        words(gettext_noop("Adds one public key to a user's authorized_keys; every other line stays as it is.")),
        (
            PresetField(
                "key",
                words(gettext_noop("Public key")),
                words(gettext_noop("The whole line, such as: ssh-ed25519 AAAA... kim@desk")),
            ),
            PresetField(
                "user",
                words(gettext_noop("User")),
                words(gettext_noop("Who may log in with it.")),
                "user",
                "root",
            ),
            PresetField(
                "home",
                words(gettext_noop("Home directory")),
                words(gettext_noop("Empty: /root for root, /home/USER for others.")),
                required=False,
            ),
        ),
    ),
    Preset(
        "sysctl",
        words(gettext_noop("Kernel parameters")),
        words(gettext_noop("Writes a file in /etc/sysctl.d, loads it and asks the kernel whether the values hold.")),
        (
            PresetField(
                "settings",
                words(gettext_noop("Settings")),
                words(gettext_noop("One per line, such as: net.ipv4.ip_forward = 1")),
                "text",
            ),
            PresetField(
                "file",
                words(gettext_noop("File name")),
                words(gettext_noop("In /etc/sysctl.d; files are read in order of name.")),
                initial="60-rackdesk.conf",
            ),
        ),
    ),
    Preset(
        "package",
        words(gettext_noop("Install a package")),
        words(gettext_noop("Installs a Debian package; nothing else is removed, files you changed are kept.")),
        (
            PresetField(
                "name", words(gettext_noop("Package")), words(gettext_noop("Its Debian name, such as: chrony"))
            ),
            PresetField(
                "refresh",
                words(gettext_noop("Refresh the package lists first")),
                words(gettext_noop("Takes longer; needed where the lists are old.")),
                "yes_no",
                required=False,
            ),
        ),
    ),
    Preset(
        "reboot",
        words(gettext_noop("Reboot")),
        words(gettext_noop("Restarts the machine, waits until it is back and looks whether it came up well.")),
        (
            PresetField(
                "seconds",
                words(gettext_noop("Seconds to wait")),
                words(gettext_noop("How long it may take to come back, 60 to 3600.")),
                "number",
                "600",
            ),
        ),
    ),
)

_BY_NAME: dict[str, Callable[[Mapping[str, str]], Proposal]] = {
    "motd": lambda values: motd(values.get("text", "")),
    "authorized_key": lambda values: authorized_key(
        values.get("key", ""), user=values.get("user", "") or "root", home=values.get("home", "")
    ),
    "sysctl": lambda values: sysctl_file(values.get("settings", ""), file=values.get("file", "") or "60-rackdesk.conf"),
    "package": lambda values: package(
        values.get("name", ""), refresh=values.get("refresh", "") in {"1", "yes", "on", "true"}
    ),
    "reboot": lambda values: reboot(values.get("seconds", "") or "600"),
}


def proposal(name: str, values: Mapping[str, str]) -> Proposal:
    """The proposal of the preset `name` with `values` (field name -> text as typed).

    Raises BadInput, its `field` set, where a value cannot be used or there is no such preset.
    """
    make = _BY_NAME.get(name)
    if make is None:
        raise BadInput(
            words(
                gettext_noop("There is no preset “%(name)s”. There are: %(known)s."),
                name=name[:60],
                known=", ".join(_BY_NAME),
            ),
            field="preset",
        )
    return make(values)
