"""Errands: asked once, claimed by one worker at a time, and what came of them."""

from __future__ import annotations

import pytest

from dhcp.choices import ErrandState, ServerKind
from dhcp.facts.answers import Heard, KeaSocket, Omapi, PingAnswer, Release, ReleaseState
from dhcp.models import Errand, Key, Lease, Server, server_facts
from dhcp.services import editing, errands, pushing
from dhcp.services.taking_over import preview_read, take_over_read
from hosts.choices import FileKind
from hosts.errors import BadInput, NotAllowed, WrongState
from hosts.facts.change import SeenFile
from hosts.facts.words import plain
from hosts.models import AuditEntry
from tests import make
from tests.dhcp.sites import a_server, the_seed

pytestmark = pytest.mark.django_db
CONF, HOSTS, MORE, DEFAULTS = (
    "/etc/dhcp/dhcpd.conf",
    "/etc/dhcp/hosts.conf",
    "/etc/dhcp/more.conf",
    "/etc/default/isc-dhcp-server",
)
SECRET = "pRP5FapFoJ95JEL06sv4PQ=="
TEXTS = {
    CONF: f'include "{HOSTS}"; subnet 192.168.1.0 netmask 255.255.255.0 {{ }}\n',
    HOSTS: f'include "{MORE}"; host web01 {{ hardware ethernet 02:00:00:00:00:01; }}\n',
    MORE: f'key "k" {{ algorithm hmac-md5; secret "{SECRET}"; }}\n',
    DEFAULTS: 'INTERFACESv4="eth1"\n',
}


def seen(*paths: str) -> dict[str, SeenFile]:
    """As a worker finds them on the host."""
    found = {}
    for path in paths:
        content = TEXTS[path].encode() if path in TEXTS else None
        found[path] = SeenFile(path, FileKind.FILE if content else FileKind.ABSENT, content=content)
    return found


def claimed(errand: Errand) -> Errand:
    found = errands.claim_errand(errand.pk)
    assert found is not None
    return found


def test_one_worker_at_a_time_has_an_errand_and_a_silent_one_loses_it() -> None:
    errand = errands.ask_config(a_server(), by=make.actor())
    first = claimed(errand)
    assert errands.claim_errand(errand.pk) is None
    assert errands.lost_errands() == []
    Errand.objects.update(began_at=make.ago(seconds=130))
    assert errands.lost_errands() == [errand.pk]
    second = claimed(errand)
    assert not errands.record_failure(first, why="too late")
    assert errands.record_failure(second, why="No way.")
    errand.refresh_from_db()
    assert (errand.state, str(errand.why)) == (ErrandState.FAILED, "No way.")
    assert errands.claim_errand(errand.pk) is None


def test_an_errand_whose_message_was_lost_is_found() -> None:
    errand = errands.ask_config(a_server(), by=make.actor())
    assert errands.lost_errands() == []
    Errand.objects.update(asked_at=make.ago(seconds=6))
    assert errands.lost_errands() == [errand.pk]


def test_the_same_question_waits_once() -> None:
    server = a_server()
    assert errands.ask_config(server, by=make.actor()) == errands.ask_config(server, by=make.actor())
    one = errands.ask_ping(server, ["192.168.1.9"], by=make.actor())
    assert one != errands.ask_ping(server, ["192.168.1.8"], by=make.actor())
    assert AuditEntry.objects.filter(action="ask host").count() == 3


def test_a_configuration_is_read_with_what_its_includes_include() -> None:
    server = a_server()
    errand = claimed(errands.ask_config(server, by=make.actor()))
    assert errands.wanted_paths(errand) == [CONF, DEFAULTS]
    files = seen(CONF, DEFAULTS)
    assert errands.missing_paths(errand, files) == [HOSTS]
    files |= seen(HOSTS)
    assert errands.missing_paths(errand, files) == [MORE]
    files |= seen(MORE)
    assert errands.missing_paths(errand, files) == []
    assert errands.record_config(errand, files)
    errand.refresh_from_db()
    assert errand.state == ErrandState.DONE
    assert SECRET not in str(errand.answer)
    assert preview_read(errand).counts == {"subnet": 1, "reservation": 1, "key": 1}
    take_over_read(errand, by=make.actor())
    facts = server_facts(Server.objects.get())
    assert (facts.interfaces, facts.keys[0].secret, len(facts.subnets)) == (("eth1",), SECRET, 1)


def test_a_configuration_is_read_where_the_start_script_has_it() -> None:
    server = a_server()
    errand = claimed(errands.ask_config(server, by=make.actor()))
    place = "/srv/dhcpd.conf"
    files = seen(CONF) | {
        DEFAULTS: SeenFile(DEFAULTS, FileKind.FILE, content=f'DHCPDv4_CONF={place}\nOPTIONS="-q -s"\n'.encode())
    }
    assert errands.missing_paths(errand, files) == [place]
    files[place] = SeenFile(place, FileKind.FILE, content=b"subnet 10.0.0.0 netmask 255.0.0.0 { }\n")
    assert errands.missing_paths(errand, files) == []
    errands.record_config(errand, files)
    take_over_read(errand, by=make.actor())
    told = {file.path: (file.content or b"").decode() for file in pushing.propose_server(server).bundle.files}
    assert list(told) == [place, DEFAULTS]
    assert told[DEFAULTS].startswith(f'DHCPDv4_CONF="{place}"\n')
    assert told[DEFAULTS].endswith('OPTIONS="-q -s"\n')


def test_a_missing_configuration_is_told() -> None:
    errand = claimed(errands.ask_config(a_server("gate"), by=make.actor()))
    errands.record_config(errand, seen("/etc/dhcp/none") | {CONF: SeenFile(CONF, FileKind.ABSENT)})
    assert str(errand.why) == f"There is no {CONF} on gate. Say at the server where its configuration is."
    with pytest.raises(WrongState):
        take_over_read(errand, by=make.actor())


@pytest.mark.parametrize("addresses", [[], ["nobody"], ["192.168.1.1"] * 65], ids=["none", "a name", "too many"])
def test_what_cannot_be_asked_is_refused(addresses: list[str]) -> None:
    with pytest.raises(BadInput) as caught:
        errands.ask_ping(a_server(), addresses, by=make.actor())
    assert caught.value.field == "addresses"


def test_a_stranger_asks_nothing() -> None:
    stranger = make.actor(make.operator(organizations=[make.organization()]))
    with pytest.raises(NotAllowed):
        errands.ask_config(a_server(), by=stranger)


def test_answers_are_kept_and_a_lease_that_stays_is_a_failure() -> None:
    server = the_seed()
    lease = Lease.objects.create(
        server=server, address="192.168.1.12", key="4c0a8010c", state="active", mac="02:00:00:00:00:01"
    )
    ping = claimed(errands.ask_ping(server, ["192.168.1.12"], by=make.actor()))
    errands.record_heard(ping, [PingAnswer("192.168.1.12", Heard.ANSWERS, "02:00:00:00:00:01")])
    assert Errand.objects.get(pk=ping.pk).answer == {
        "heard": [{"ip": "192.168.1.12", "heard": "answers", "mac": "02:00:00:00:00:01"}]
    }
    asked = errands.ask_release(lease, by=make.actor())
    assert asked.asked == {"address": "192.168.1.12", "mac": "02:00:00:00:00:01", "client_id": ""}
    errands.record_release(claimed(asked), Release(ReleaseState.NOT_POSSIBLE, plain("No key.")))
    assert Errand.objects.get(pk=asked.pk).state == ErrandState.FAILED
    again = claimed(errands.ask_release(lease, by=make.actor()))
    errands.record_release(again, Release(ReleaseState.RELEASED, plain("Ended.")))
    done = Errand.objects.get(pk=again.pk)
    assert (done.state, done.answer, str(done.why)) == (ErrandState.DONE, {"state": "released"}, "Ended.")


def test_the_way_to_a_running_server_is_what_it_is_told() -> None:
    server = the_seed()
    assert errands.way_of(server) is None
    editing.save_key(Key(server=server, name="omapi", is_for_omapi=True), by=make.actor(), secret=SECRET)
    way = errands.way_of(Server.objects.get())
    assert way == Omapi(7911, "omapi", "hmac-sha256", SECRET)
    assert SECRET not in repr(way)
    kea = a_server(kind=ServerKind.KEA)
    assert errands.way_of(kea) == KeaSocket("/run/kea/kea4-ctrl-socket")
    kea.kea = [["control-socket", "{"]]
    assert errands.way_of(kea) is None
