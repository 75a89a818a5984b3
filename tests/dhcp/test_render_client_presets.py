"""The ready-made change by which a machine's host name follows its lease."""

from __future__ import annotations

import pytest

from dhcp.render.client_hooks import DHCLIENT, NETWORK_MANAGER
from dhcp.render.client_presets import NAME, follow_host_name
from hosts.errors import BadInput
from hosts.services.presets import known_presets, propose_preset
from tests import make


@pytest.mark.parametrize(
    ("typed", "path", "mode"),
    [
        pytest.param("dhclient", DHCLIENT, 0o644, id="dhclient"),
        pytest.param("", DHCLIENT, 0o644, id="nothing said is dhclient"),
        pytest.param("NetworkManager", NETWORK_MANAGER, 0o755, id="NetworkManager"),
    ],
)
def test_a_hook_of_a_program_is_one_checked_file(typed: str, path: str, mode: int) -> None:
    bundle = follow_host_name({"program": typed}).bundle
    assert [(file.path, file.mode) for file in bundle.files] == [(path, mode)]
    assert [command.argv for command in bundle.check] == [("sh", "-n", "{staged}")]


def test_networkd_gets_a_drop_in_and_says_that_a_static_name_goes_before_it() -> None:
    found = follow_host_name({"program": "networkd 10-eth0"})
    assert found.bundle.files[0].path == "/etc/systemd/network/10-eth0.network.d/rackdesk-hostname.conf"
    assert [command.argv for command in found.bundle.activate] == [("networkctl", "reload")]
    assert [meaning.sign for meaning in found.means] == ["add", "info", "heed"]


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("udhcpc", id="another program"),
        pytest.param("networkd", id="networkd without its file"),
        pytest.param("networkd ../../etc/passwd", id="a file elsewhere"),
    ],
)
def test_what_is_no_program_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(BadInput) as caught:
        follow_host_name({"program": typed})
    assert caught.value.field == "program"


@pytest.mark.django_db
def test_it_is_among_the_ready_made_changes_of_every_host() -> None:
    assert NAME in [preset.name for preset in known_presets()]
    found = propose_preset(NAME, {"program": "dhclient"}, make.host())
    assert found.bundle.files[0].path == DHCLIENT
