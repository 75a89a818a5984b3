"""The demo's help desk: its story told twice, and its first letters on their real way into tickets and back."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.env import kept_secret
from tests import make
from tests.lab import post_office
from tests.lab.desk_story import COLLEAGUES, DeskStory, accounts, new_password
from tests.lab.errors import LabError
from tests.lab.letters import BILLING, DESK, KIM, LEE, answer, first_letters, letter, read, send
from tickets.choices import IncomingState, OutgoingState
from tickets.models import Agent, Contact, Department, Event, IncomingMail, Mailbox, OutgoingMail, Ticket
from tickets.services.rights import ensure_desk_roles
from tickets.tasks.fetch import fetch_mailbox
from tickets.tasks.intake import take_in_waiting
from tickets.tasks.send import send_due_mail

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
PASSWORD = "of the test"
needs_servers = pytest.mark.skipif(bool(post_office.missing()), reason=post_office.missing() or "nothing is missing")


@pytest.fixture
def story(tmp_path: Path) -> DeskStory:
    ensure_desk_roles()
    make.admin(f"admin@{DESK.rpartition('@')[2]}")
    one = DeskStory(tmp_path / "keys", lambda line: None)
    one.tell()
    return one


@pytest.fixture
def office(tmp_path: Path) -> Iterator[post_office.PostOffice]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in post_office.PLACES]
    ports = {name: one.getsockname()[1] for name, one in zip(post_office.PLACES, held, strict=True)}
    for one in held:
        one.close()
    with post_office.running(tmp_path, ports, accounts(PASSWORD)) as found:
        yield found


def fetch_everything() -> None:
    for mailbox in Mailbox.objects.all():
        fetch_mailbox(mailbox.pk)
    take_in_waiting()
    send_due_mail()


def test_the_story_makes_a_desk_and_told_again_changes_nothing(story: DeskStory) -> None:
    counts = [kind.objects.count() for kind in (Agent, Department, Contact)]
    assert {one.name for one in Department.objects.all()} == {"Support", "Network", "Billing"}
    assert counts == [len(COLLEAGUES) + 1, 3, 2]
    story.tell()
    assert [kind.objects.count() for kind in (Agent, Department, Contact)] == counts


def test_the_password_of_an_agent_is_told_until_it_is_changed(story: DeskStory) -> None:
    lines = story.logins()
    assert len(lines) == len(COLLEAGUES)
    person = Agent.objects.get(user__email=lines[0].split(",")[0]).user
    assert person.check_password(lines[0].split("password ")[1].split(" (")[0])
    person.set_password("another password of mine")
    person.save()
    assert len(story.logins()) == len(COLLEAGUES) - 1


def test_a_key_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    first = kept_secret(tmp_path / "keys/demo-mail", new_password)
    assert kept_secret(tmp_path / "keys/demo-mail", new_password) == first
    assert (tmp_path / "keys/demo-mail").stat().st_mode & 0o077 == 0


@needs_servers
def test_the_first_letters_become_tickets_and_an_answer_joins_its_own(
    story: DeskStory, office: post_office.PostOffice
) -> None:
    story.fetch_from(office.ports, office.authority, PASSWORD)
    for mail in first_letters():
        send(mail, office.ports["smtp"])
    fetch_everything()
    assert Mailbox.objects.filter(state="well").count() == 2
    subjects = {ticket.subject: ticket for ticket in Ticket.objects.all()}
    assert "인증서가 다음 주에 만료됩니다" in subjects
    assert subjects["October's invoice counts six hosts twice"].department.name == "Billing"
    with_file = subjects["dns01: the second network card loses its link"].entries.get()
    assert [one.name for one in with_file.attachments.all()] == ["dns01-kern.log"]
    assert len(subjects) == 4
    assert IncomingMail.objects.get(state=IncomingState.IGNORED).subject.startswith("Out of office")
    assert not OutgoingMail.objects.exclude(state=OutgoingState.SENT).exists()

    received = list(read(LEE, PASSWORD, office.ports["imap"]))
    assert {mail["From"].addresses[0].addr_spec for mail in received} == {DESK, BILLING}
    about_link = [mail for mail in received if "dns01" in mail["Subject"]]
    send(answer(about_link, LEE, "It happened again."), office.ports["smtp"])
    fetch_everything()
    assert subjects[with_file.ticket.subject].entries.count() == 2
    assert Ticket.objects.count() == 4
    assert Event.objects.filter(kind="created").count() == 4


@needs_servers
def test_a_customer_who_writes_by_hand_finds_the_receipt_in_the_own_mailbox(
    story: DeskStory, office: post_office.PostOffice
) -> None:
    story.fetch_from(office.ports, office.authority, PASSWORD)
    send(letter(KIM, DESK, "By hand", "Hello"), office.ports["smtp"])
    fetch_everything()
    assert [
        f"[#{Ticket.objects.get().number}]" in mail["Subject"] for mail in read(KIM, PASSWORD, office.ports["imap"])
    ] == [True]


@needs_servers
@pytest.mark.parametrize(
    "address",
    [pytest.param("somebody@example.org", id="elsewhere"), pytest.param("nobody@rackdesk.localhost", id="unknown")],
)
def test_mail_of_the_demo_stays_on_this_machine(office: post_office.PostOffice, address: str) -> None:
    with pytest.raises(OSError, match=r"550|refused"):
        send(letter(KIM, address, "Out", "Out"), office.ports["smtp"])


@needs_servers
def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        ports = dict.fromkeys(post_office.PLACES, other.getsockname()[1])
        with (
            pytest.raises(LabError, match="did not start") as refusal,
            post_office.running(tmp_path, ports, accounts("x")),
        ):
            pass
    assert "\n" not in str(refusal.value)
