"""Tickets and changes together: the card beside a ticket, and the way from a change back to what it was made for."""

from __future__ import annotations

import pytest

from hosts.choices import ChangeState
from hosts.models import User
from tests import make
from tests.hosts.pages import logged_in, text_of, url
from tests.tickets import rows
from tickets.models import Agent, Ticket
from tickets.views.references import address_of

pytestmark = pytest.mark.django_db


def agent_with(*permissions: str, **fields: object) -> User:
    """An agent of the desk with these rights about machines, of every organization unless said otherwise."""
    person = make.user(permissions=permissions, **{"all_organizations": True, **fields})
    Agent.objects.filter(pk=rows.agent().pk).update(user=person)
    return person


def card(ticket: Ticket, user: User) -> str:
    return text_of(logged_in(user).get(url("tickets:ticket-changes", ticket.number)))


def test_changes_made_for_a_ticket_stand_beside_it() -> None:
    ticket, other = rows.ticket("No address"), rows.ticket("Something else")
    made = make.change(make.host("dhcp01"), ChangeState.APPLIED, reference=f"#{ticket.number}")
    make.change(make.host("web01"), reference=f"#{other.number}")
    shown = card(ticket, agent_with("hosts.view_host", "hosts.view_change"))
    assert made.get_absolute_url() in shown
    assert "Applied" in shown
    assert "dhcp01" in shown
    assert "web01" not in shown


def test_a_change_is_opened_for_the_ticket_and_its_hosts() -> None:
    ticket, host = rows.ticket("No address"), make.host("dhcp01")
    ticket.hosts.add(host)
    user = agent_with("hosts.view_host", "hosts.view_change", "hosts.plan_change")
    wanted = url("change-new", query=f"host={host.pk}&amp;reference=%23{ticket.number}")
    assert wanted in card(ticket, user)
    form = text_of(logged_in(user).get(wanted.replace("&amp;", "&")))
    assert f'value="#{ticket.number}"' in form
    assert "dhcp01" in form


def test_nothing_is_shown_of_machines_that_one_may_not_see() -> None:
    ticket = rows.ticket("No address")
    ticket.hosts.add(make.host("secret-host"))
    make.change(make.host("secret-two", organization=make.organization("Theirs")), reference=f"#{ticket.number}")
    assert card(ticket, agent_with()).strip() == ""
    mine = agent_with("hosts.view_change", "hosts.plan_change", all_organizations=False)
    shown = card(ticket, mine)
    assert "secret" not in shown
    assert "host=" not in shown


@pytest.mark.parametrize(
    "written", ["#{}", "{}", "Ticket {}"], ids=["with a hash", "the bare number", "after the word"]
)
def test_a_change_leads_to_its_ticket(written: str) -> None:
    ticket = rows.ticket("No address")
    change = make.change(reference=written.format(ticket.number))
    page = text_of(logged_in(make.admin()).get(change.get_absolute_url()))
    assert f'<a href="{ticket.get_absolute_url()}"' in page


def test_words_that_name_no_ticket_stay_words() -> None:
    rows.ticket("No address")
    page = text_of(logged_in(make.admin()).get(make.change(reference="<b>rack 4</b>").get_absolute_url()))
    assert "&lt;b&gt;rack 4&lt;/b&gt;" in page
    assert address_of("rack 4", make.admin()) == ""


def test_who_does_not_work_at_the_desk_gets_no_link() -> None:
    ticket = rows.ticket("No address")
    assert address_of(f"#{ticket.number}", make.operator()) == ""
