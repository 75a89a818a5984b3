"""Tables of reservations: read as spreadsheets write them, judged line by line, taken over as a whole or not at all."""

from __future__ import annotations

import tracemalloc

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dhcp.facts import reservation_list as facts
from dhcp.forms.reservations import ReservationImportForm
from dhcp.models import Reservation, Server
from dhcp.parse.reservation_csv import reservation_csv
from dhcp.services.reservation_lists import Outcome, csv_lines, import_table
from hosts.errors import BadInput
from tests import make
from tests.dhcp.clients import ANNE, BERT
from tests.dhcp.sites import a_reservation, the_seed

pytestmark = pytest.mark.django_db
HEAD = "name,mac,address,host_name,organization,enabled,note\n"


def brought(server: Server, text: str | bytes, *, is_trial: bool = False, by: object = None) -> Outcome:
    data = text.encode() if isinstance(text, str) else text
    return import_table(server, reservation_csv(data), by=by or make.actor(), is_trial=is_trial)  # type: ignore[arg-type]


def kinds(outcome: Outcome) -> list[str]:
    return [each.kind for each in outcome.verdicts]


@pytest.mark.parametrize(
    "data",
    [
        f"name,mac,address\nweb,{ANNE},192.168.1.100\n".encode(),
        f"\ufeffname;mac;address\r\nweb;{ANNE};192.168.1.100\r\n".encode(),
        f"이름,MAC 주소,IP 주소\nweb,{ANNE},192.168.1.100\n".encode("cp949"),
        f"MAC\tIP Address\tName\n{ANNE}\t192.168.1.100\tweb\n".encode("utf-16"),
        f'web,"{ANNE}",192.168.1.100\n'.encode(),
        f"# from the old server\nname,mac,address\n\n'web,{ANNE},192.168.1.100\n".encode(),
    ],
    ids=["plain", "byte order mark and semicolons", "Korean in CP949", "UTF-16 with tabs", "no headings", "remarks"],
)
def test_tables_as_people_have_them(data: bytes) -> None:
    (line,) = reservation_csv(data).lines
    assert (line.name, line.mac, line.addresses) == ("web", ANNE, ("192.168.1.100",))


@pytest.mark.parametrize("data", [b"", b"name,mac\n", b"\xff\xfe\x00", b"colour,server\nred,gate\n"])
def test_what_is_no_table_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(BadInput):
        reservation_csv(data)


def test_a_trial_says_all_and_writes_nothing() -> None:
    server = the_seed()
    make.organization("하늘무역")
    a_reservation(server, "same", BERT, "192.168.1.101")
    a_reservation(server, "old", "00:16:3e:00:00:03", "192.168.1.102")
    text = HEAD + (
        f"web,{ANNE},192.168.1.100,webserver01,하늘무역,yes,가게\n"
        f"same,{BERT},192.168.1.101,,,,\n"
        "old,,192.168.1.103,,,no,\n"
    )
    outcome = brought(server, text, is_trial=True)
    assert kinds(outcome) == [facts.NEW, facts.SAME, facts.CHANGED]
    assert ("addresses", "192.168.1.102", "192.168.1.103") in outcome.verdicts[2].changes
    assert not outcome.is_wrong
    assert not outcome.is_done
    assert Reservation.objects.count() == 2
    assert brought(server, text).is_done
    web = Reservation.objects.get(name="web")
    assert (web.hostname, str(web.organization), web.note) == ("webserver01", "하늘무역", "가게")
    assert Reservation.objects.get(name="old").mac == "00:16:3e:00:00:03"
    assert kinds(brought(server, text, is_trial=True)) == [facts.SAME] * 3


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"bad,{ANNE},192.168.1.101,,,,", "192.168.1.101"),
        ("bad,nonsense,192.168.1.100,,,,", "no MAC"),
        (f"other,{BERT},192.168.1.104,,,,", BERT),
        (f"bad,{ANNE},192.168.1.15,,,,", "range"),
        (f"bad,{ANNE},10.9.9.9,,,,", "no subnet"),
        (f"bad,{ANNE},192.168.1.300,,,,", "192.168.1.300"),
        (f"bad,{ANNE},192.168.1.100,,Nobody,,", "Nobody"),
        (f"bad,{ANNE},192.168.1.100,,,perhaps,", "neither yes nor no"),
        ("bad,,192.168.1.100,,,,", "neither a MAC"),
        (f",{ANNE},192.168.1.100,,,,", "no name"),
        (f"fine,{ANNE},192.168.1.110,,,,", "Line 2"),
    ],
    ids=[
        "address twice", "no mac", "mac of another", "in a range", "in no subnet", "overflow", "organization",
        "neither yes nor no", "nothing to know it by", "no name", "twice in the table",
    ],
)  # fmt: skip
def test_one_wrong_line_keeps_all_out_and_is_named(line: str, said: str) -> None:
    server = the_seed()
    a_reservation(server, "known", BERT, "192.168.1.101")
    a_reservation(server, "other", "00:16:3e:00:00:03", "192.168.1.104")
    text = HEAD + f"fine,00:16:3e:00:00:09,192.168.1.109,,,,\n{line}\n"
    outcome = brought(server, text)
    assert not outcome.is_done
    assert outcome.is_wrong
    wrong = [each for each in outcome.verdicts if each.kind == facts.WRONG]
    assert [each.line.number for each in wrong] == [3]
    assert said in " ".join(str(each) for each in wrong[0].why)
    assert set(Reservation.objects.values_list("name", "mac")) == {("known", BERT), ("other", "00:16:3e:00:00:03")}


def test_what_goes_out_comes_in_again() -> None:
    server = the_seed()
    a_reservation(server, "web", ANNE, "192.168.1.100", hostname="web", note='=1+1, "quoted"\nand more')
    a_reservation(server, "off", BERT, "192.168.1.101", is_enabled=False)
    text = "".join(csv_lines(Reservation.objects.order_by("pk")))
    assert text.startswith("\ufeffserver,name,mac")
    assert "'=1+1" in text
    assert kinds(brought(server, text, is_trial=True)) == [facts.SAME, facts.SAME]
    other = the_seed()
    assert kinds(brought(other, text, is_trial=True)) == [facts.LEFT_OUT, facts.LEFT_OUT]
    bare = (
        "\n".join(line.partition(",")[2] for line in text.splitlines()[:1]) + f"\nweb,{ANNE},,192.168.1.100,web,,yes,\n"
    )
    assert brought(other, bare).is_done


def test_many_lines_cost_few_queries() -> None:
    server = the_seed()

    def queries(count: int, first: int) -> int:
        lines = [
            f"m{n},00:16:3e:01:{n // 100:02d}:{n % 100:02d},10.0.{n // 100}.{n % 100}"
            for n in range(first, first + count)
        ]
        table = reservation_csv(("name,mac,address\n" + "\n".join(lines)).encode())
        with CaptureQueriesContext(connection) as seen:
            assert not import_table(server, table, by=by, is_trial=True).is_done
        return len(seen)

    by = make.actor()
    assert queries(90, 100) <= queries(5, 0) + 4  # SQLite takes so many values in one statement


def test_nothing_comes_in_at_a_server_of_somebody_else() -> None:
    server = the_seed(host=make.host(organization=make.organization()))
    stranger = make.actor(make.user(organizations=[make.organization()]))
    with pytest.raises(Exception, match="not yours"):
        brought(server, f"{HEAD}web,{ANNE},192.168.1.100,,,,\n", by=stranger)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"name,mac\n" + b"a\n" * 5_001, "more than 5000 lines"),
        (b"name,mac\n" + b"desk,02:00:00:00:00:01\n" * 500_000, "larger than 10 MB"),
    ],
    ids=["too many lines", "half a million lines"],
)
def test_a_table_beyond_all_measure_is_refused_in_little_memory(data: bytes, told: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match=told):
            reservation_csv(data)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_a_large_file_is_refused_before_it_is_read() -> None:
    class Large(SimpleUploadedFile):
        def read(self, *args: object) -> bytes:
            raise AssertionError("it was read")

    file = Large("table.csv", b"name,mac\n")
    file.size = 50 << 20
    form = ReservationImportForm({}, {"file": file})
    assert not form.is_valid()
    assert "larger than 10 MB" in str(form.errors)
