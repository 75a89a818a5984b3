"""A ready-made change for machines that get their address by DHCP: the values as typed in, a proposal out."""

from __future__ import annotations

from collections.abc import Mapping

from dhcp.render.client_hooks import (
    DHCLIENT,
    NETWORK_MANAGER,
    dhclient_exit_hook,
    network_manager_dispatcher,
    networkd_drop_in,
)
from hosts.errors import BadInput, RenderError
from hosts.facts.change import Bundle, Command, WantedFile
from hosts.facts.preset import AddedPreset, Preset, PresetField
from hosts.facts.proposal import Meaning, Proposal
from hosts.facts.words import gettext_noop, reason, words

NAME = "host_name_from_dhcp"
_SYNTAX = Command(("sh", "-n", "{staged}"))


def follow_host_name(values: Mapping[str, str]) -> Proposal:
    """The hook of the program that is typed in as `program`: dhclient, NetworkManager, or networkd with the name of its
    .network file ("networkd 10-eth0"). BadInput where it is none of them.
    """
    program, _, network = values.get("program", "").strip().partition(" ")
    kind = program.lower() or "dhclient"
    if kind == "dhclient":
        bundle = _hook(DHCLIENT, dhclient_exit_hook(), 0o644)
    elif kind == "networkmanager":
        bundle = _hook(NETWORK_MANAGER, network_manager_dispatcher(), 0o755)
    elif kind == "networkd":
        bundle = _networkd(network.strip())
    else:
        said = gettext_noop("“%(name)s” is none of dhclient, NetworkManager and networkd with the name of its file.")
        raise BadInput(words(said, name=program[:60]), field="program")
    follows = words(gettext_noop("The machine calls itself what its lease says (option host-name)."))
    later = words(gettext_noop("That happens when it renews its lease or starts again, not at once."))
    static = words(
        gettext_noop("A name in /etc/hostname goes before it: networkd sets the name only where there is none.")
    )
    means = [Meaning("add", follows), Meaning("info", later)]
    means += [Meaning("heed", static)] if kind == "networkd" else []
    return Proposal(words(gettext_noop("Host name from DHCP")), bundle, tuple(means))


def _hook(path: str, text: str, mode: int) -> Bundle:
    return Bundle(files=(WantedFile(path, text.encode(), mode=mode, make_parents=True),), check=(_SYNTAX,))


def _networkd(network: str) -> Bundle:
    try:
        path, text = networkd_drop_in(network)
    except RenderError as error:
        raise BadInput(reason(error), field="program") from error
    wanted = WantedFile(path, text.encode(), make_parents=True)
    return Bundle(files=(wanted,), activate=(Command(("networkctl", "reload")),))


HOST_NAME = AddedPreset(
    Preset(
        NAME,
        words(gettext_noop("Host name from DHCP")),
        words(gettext_noop("The machine takes the host name that its reservation says, whenever it gets its lease.")),
        (
            PresetField(
                "program",
                words(gettext_noop("What asks for its address")),
                words(gettext_noop("dhclient, NetworkManager, or networkd and its file, such as: networkd 10-eth0")),
                initial="dhclient",
            ),
        ),
    ),
    follow_host_name,
)
