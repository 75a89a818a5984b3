"""Hosts and tickets together: the tab on a host's page, the hosts of a ticket, a new ticket about a host."""

from __future__ import annotations

import pytest

from hosts.errors import NotAllowed
from hosts.models import User
from tests import make
from tests.hosts.pages import logged_in, said, text_of, url
from tests.tickets import rows
from tickets.choices import EventKind, Permission
from tickets.models import Agent, Ticket
from tickets.services import machines

pytestmark = pytest.mark.django_db


def sees_hosts(who: Agent, **fields: bool) -> Agent:
    """The agent with the right to see hosts, of every organization unless said otherwise."""
    person = make.user(permissions=["hosts.view_host"], **{"all_organizations": True, **fields})
    Agent.objects.filter(pk=who.pk).update(user=person)
    return Agent.objects.select_related("user").get(pk=who.pk)


def of_haneul() -> Ticket:
    """A ticket of somebody with an organization."""
    contact = rows.contact()
    contact.organization = make.organization("Haneul Trading")
    contact.save()
    return rows.ticket("Fan is loud", contact_id=contact.pk)


class TestTab:
    """Tickets on a host's page."""

    def test_it_shows_the_tickets_that_name_the_host(self) -> None:
        host, me = make.host("xen03"), sees_hosts(rows.agent())
        ticket, other = rows.ticket("Fan is loud"), rows.ticket("Something else")
        ticket.hosts.add(host)
        other.hosts.add(make.host())
        client = logged_in(me.user)
        assert "/more/tickets/" in text_of(client.get(url("host-detail", host.pk)))
        page = text_of(client.get(url("host-added", host.pk, "tickets")))
        assert "Fan is loud" in page
        assert "Something else" not in page

    def test_tickets_of_other_departments_are_not_shown(self) -> None:
        host, me = make.host(), sees_hosts(rows.agent())
        rows.ticket("Secret matter", department_id=rows.department().pk, host_ids=(host.pk,))
        assert "Secret matter" not in text_of(logged_in(me.user).get(url("host-added", host.pk, "tickets")))

    def test_it_is_for_agents(self) -> None:
        host, operator = make.host(), make.operator()
        client = logged_in(operator)
        assert "/more/tickets/" not in text_of(client.get(url("host-detail", host.pk)))
        assert client.get(url("host-added", host.pk, "tickets")).status_code == 404
        assert client.get(url("host-added", host.pk, "nothing")).status_code == 404

    def test_a_host_of_others_has_none(self) -> None:
        me = sees_hosts(rows.agent(), all_organizations=False)
        assert logged_in(me.user).get(url("host-added", make.host().pk, "tickets")).status_code == 404


class TestOrganization:
    """The organization's name at the head of a host's page."""

    def test_it_leads_an_agent_to_the_organizations_page(self) -> None:
        host, me = make.host(organization=make.organization("Haneul")), sees_hosts(rows.agent())
        page = text_of(logged_in(me.user).get(url("host-detail", host.pk)))
        assert f'<a href="{url("tickets:organization", host.organization_id)}">Haneul</a>' in page

    def test_it_leads_others_to_its_hosts(self) -> None:
        host = make.host(organization=make.organization("Haneul"))
        page = text_of(logged_in(make.operator()).get(url("host-detail", host.pk)))
        assert f'<a href="{url("host-list")}?organization={host.organization_id}">Haneul</a>' in page
        assert "/desk/organizations/" not in page


class TestHostsOfATicket:
    """What a ticket is about."""

    def test_one_is_added_by_its_name_and_taken_away(self) -> None:
        ticket, me = of_haneul(), sees_hosts(rows.agent())
        host = make.host("xen03", organization=ticket.organization)
        client = logged_in(me.user)
        assert "xen03" in text_of(client.get(url("tickets:host-find", ticket.number, query="q=xen")))
        client.post(url("tickets:do", ticket.number, "add-host"), {"host": "XEN03"})
        assert list(ticket.hosts.all()) == [host]
        assert "xen03" not in text_of(client.get(url("tickets:host-find", ticket.number, query="q=xen")))
        client.post(url("tickets:do", ticket.number, "remove-host"), {"host": host.pk})
        assert not ticket.hosts.exists()
        edits = ticket.events.filter(kind=EventKind.EDITED).order_by("pk")
        assert [event.data["changes"]["hosts"] for event in edits] == [["", "xen03"], ["xen03", ""]]

    def test_hosts_of_other_organizations_do_not_fit(self) -> None:
        ticket, me = of_haneul(), sees_hosts(rows.agent())
        theirs = make.host("theirs01", organization=make.organization())
        shared = make.host("theirs02", organization=None)
        client = logged_in(me.user)
        found = text_of(client.get(url("tickets:host-find", ticket.number, query="q=theirs")))
        assert "theirs02" in found
        assert "theirs01" not in found
        answer = client.post(url("tickets:do", ticket.number, "add-host"), {"host": "theirs01"})
        assert said(answer) == ["There is no host “theirs01” that this ticket could be about."]
        with pytest.raises(NotAllowed):
            machines.add_host(ticket, theirs, by=rows.by(me))
        machines.add_host(ticket, shared, by=rows.by(me))
        assert list(ticket.hosts.all()) == [shared]

    @pytest.mark.parametrize("lacks", ["the right to edit", "the right to see hosts"])
    def test_who_may_not_changes_nothing(self, lacks: str) -> None:
        ticket = of_haneul()
        host = make.host("xen03", organization=ticket.organization)
        me = rows.agent() if lacks == "the right to see hosts" else sees_hosts(rows.agent(role=rows.role("note")))
        client = logged_in(User.objects.get(pk=me.user_id))
        client.post(url("tickets:do", ticket.number, "add-host"), {"host": "xen03"})
        assert not ticket.hosts.exists()
        ticket.hosts.add(host)
        if lacks == "the right to edit":
            client.post(url("tickets:do", ticket.number, "remove-host"), {"host": host.pk})
            assert ticket.hosts.exists()

    def test_a_new_ticket_is_about_the_host_it_was_begun_at(self) -> None:
        me, host = sees_hosts(rows.agent()), make.host("xen03")
        client = logged_in(me.user)
        assert "xen03" in text_of(client.get(url("tickets:new", query=f"host={host.pk}")))
        form = {"email": "sky@c.example", "source": "phone", "subject": "Fan", "text": "Loud", "host": host.pk}
        client.post(url("tickets:new"), form)
        assert list(Ticket.objects.get().hosts.all()) == [host]

    def test_a_new_ticket_about_a_host_of_others_is_refused(self) -> None:
        me, host = sees_hosts(rows.agent(), all_organizations=False), make.host("xen03")
        client = logged_in(me.user)
        assert "xen03" not in text_of(client.get(url("tickets:new", query=f"host={host.pk}")))
        form = {"email": "sky@c.example", "source": "phone", "subject": "Fan", "text": "Loud", "host": host.pk}
        assert client.post(url("tickets:new"), form).status_code == 422
        assert not Ticket.objects.exists()


class TestReferrals:
    """Sight of a ticket, given and taken away."""

    def test_a_referral_is_ended_by_who_may_refer(self) -> None:
        me, ticket, guest = rows.agent(), rows.ticket(), rows.agent("Guest", department=rows.department())
        client = logged_in(me.user)
        client.post(url("tickets:do", ticket.number, "refer"), {"to": f"agent-{guest.pk}"})
        row = ticket.referrals.get()
        other = logged_in(rows.agent(role=rows.role(Permission.NOTE)).user)
        other.post(url("tickets:do", ticket.number, "end-referral"), {"referral": row.pk})
        assert ticket.referrals.exists()
        answer = client.post(url("tickets:do", ticket.number, "end-referral"), {"referral": row.pk})
        assert said(answer)[-1] == "Guest does not see the ticket by a referral any more."
        assert logged_in(guest.user).get(url("tickets:ticket", ticket.number)).status_code == 404
