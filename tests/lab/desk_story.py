"""A panel with a help desk in, the same with people, departments and mailboxes to look at out. Told again, it mends."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import Group

from config.env import kept_secret
from hosts.choices import Via
from hosts.models import Organization, User
from hosts.services.audit import Actor
from hosts.services.people import save_person
from tests.lab.letters import BILLING, DESK, KIM, LEE
from tickets.choices import AfterFetch, MailLogin, MailProtocol, Security, Sharing
from tickets.models import (
    Agent,
    CannedResponse,
    Contact,
    Customer,
    CustomerDomain,
    Department,
    DepartmentAccess,
    HelpTopic,
    Mailbox,
    Priority,
    Role,
    Schedule,
    Sla,
    Team,
    TeamMember,
)
from tickets.services import canned, order, people
from tickets.services.house import desk
from tickets.services.mailbox_settings import save_mailbox
from tickets.services.rights import AGENT

LOCAL = "rackdesk.localhost"
POLL_SECONDS = 5


@dataclass(frozen=True)
class Colleague:
    """One agent of the story."""

    name: str
    department: str
    role: str
    also: tuple[tuple[str, str], ...] = ()
    language: str = "en"

    @property
    def local(self) -> str:
        """The name before the @."""
        return self.name.lower().replace(" ", ".")


COLLEAGUES = (
    Colleague("Sora Han", "Support", "All access", (("Network", "Expanded access"), ("Billing", "View only"))),
    Colleague("Jun Choi", "Network", "Expanded access", (("Support", "Expanded access"),), "ko"),
    Colleague("Bora Lim", "Billing", "Expanded access", (("Support", "Limited access"),)),
)
CUSTOMERS = (
    ("Blue Harbor Shop", "customer.localhost", "Minji Kim", KIM, "ko"),
    ("Hanbit Hosting", "hanbit.localhost", "Dohyun Lee", LEE, "en"),
)
CANNED = {
    "We are looking into it": (
        "Hello %{recipient.name.first},\n\nthank you for telling us. We are looking into it and write again within "
        "the hour."
    ),
    "Certificate renewed": (
        "Hello %{recipient.name.first},\n\nthe certificate is renewed and the web server has loaded it. Please look "
        "once more, and tell us if anything is not as it was."
    ),
    "Invoice corrected": (
        "Hello %{recipient.name.first},\n\nyou are right, and we are sorry. A corrected invoice is on its way; the old "
        "one is void."
    ),
}
OFFICE = {day: [["09:00", "12:00"], ["13:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def new_password() -> str:
    """One that a person can type."""
    return secrets.token_urlsafe(9)


def accounts(password: str) -> dict[str, str]:
    """{address: password} of everybody who gets mail in the demo."""
    colleagues = (f"{one.local}@{LOCAL}" for one in COLLEAGUES)
    names = (DESK, BILLING, KIM, LEE, f"admin@{LOCAL}", f"mina.park@{LOCAL}", *colleagues)
    return dict.fromkeys(names, password)


class DeskStory:
    """Three departments, three agents, two customers, two mailboxes."""

    def __init__(self, keys: Path, say: Callable[[str], None]) -> None:
        self._keys, self._say = keys, say
        self._admin = User.objects.filter(is_superuser=True).earliest("pk")
        self._by = Actor(self._admin, Via.COMMAND)

    def tell(self) -> None:
        """What is missing of it."""
        settings = desk()
        departments = {"Support": settings.department} | {
            name: self._department(name) for name in ("Network", "Billing")
        }
        gold = self._promises()
        agents = [self._agent(one, departments) for one in COLLEAGUES]
        self._own_agent(departments["Support"])
        self._team(agents)
        self._topics(departments)
        for organization, domain, name, email, language in CUSTOMERS:
            self._customer(organization, domain, agents[0], gold if organization == "Blue Harbor Shop" else None)
            self._contact(name, email, organization, language)
        for title, text in CANNED.items():
            if not CannedResponse.objects.filter(title=title).exists():
                canned.save_canned(CannedResponse(title=title, text=text), by=self._by)

    def fetch_from(self, ports: Mapping[str, int], authority: str, password: str) -> None:
        """The two mailboxes, at the servers as they are this time."""
        support = self._mailbox(DESK, "Hanbit help desk", ports, authority, password)
        self._mailbox(BILLING, "Hanbit billing", ports, authority, password)
        settings = desk()
        if settings.mailbox_id is None:
            settings.name, settings.mailbox = "Hanbit help desk", support
            order.save_row(settings, by=self._by)
        billing = Department.objects.get(name="Billing")
        if billing.mailbox_id is None:
            billing.mailbox = Mailbox.objects.get(address=BILLING)
            order.save_in_tree(billing, by=self._by)

    def logins(self) -> list[str]:
        """A line for each agent whose password is still the one of the demo."""
        lines = []
        for one in COLLEAGUES:
            person = User.objects.get(email=f"{one.local}@{LOCAL}")
            if person.check_password(self._password(one)):
                lines.append(f"{person.email}, password {self._password(one)} ({one.department})")
        return lines

    def _department(self, name: str) -> Department:
        found = Department.objects.filter(name=name, parent=None).first()
        return found or order.save_in_tree(Department(name=name), by=self._by)

    def _promises(self) -> Sla:
        found = Sla.objects.filter(name="Gold").first()
        if found is not None:
            return found
        hours = Schedule(name="Office in Seoul", time_zone="Asia/Seoul", hours=OFFICE, holidays=["2026-12-25"])
        order.save_row(hours, by=self._by)
        return order.save_row(
            Sla(name="Gold", first_response_minutes=60, resolve_minutes=480, schedule=hours), by=self._by
        )

    def _password(self, one: Colleague) -> str:
        return kept_secret(self._keys / f"demo-{one.local}", new_password)

    def _agent(self, one: Colleague, departments: Mapping[str, Department]) -> Agent:
        email = f"{one.local}@{LOCAL}"
        found = Agent.objects.filter(user__email=email).first()
        if found is not None:
            return found
        person = User(email=email, name=one.name, is_staff=True, all_organizations=True, language=one.language)
        groups = Group.objects.filter(name=AGENT)
        save_person(person, by=self._by, password=self._password(one), groups=groups)
        agent = Agent(user=person, department=departments[one.department], role=Role.objects.get(name=one.role))
        agent.signature = f"{one.name}\nHanbit help desk, {one.department}"
        accesses = [
            DepartmentAccess(agent=agent, department=departments[where], role=Role.objects.get(name=role))
            for where, role in one.also
        ]
        return order.save_row(agent, by=self._by, kept=accesses)

    def _own_agent(self, support: Department) -> None:
        """The administrator answers too, so that the first login sees everything work."""
        if not Agent.objects.filter(user=self._admin).exists():
            role = Role.objects.get(name="All access")
            order.save_row(Agent(user=self._admin, department=support, role=role), by=self._by)

    def _team(self, agents: list[Agent]) -> None:
        if not Team.objects.filter(name="Night shift").exists():
            members = [TeamMember(agent=agent) for agent in agents[:2]]
            order.save_row(Team(name="Night shift", lead=agents[0]), by=self._by, kept=members)

    def _topics(self, departments: Mapping[str, Department]) -> None:
        high = Priority.objects.filter(name="High").first()
        for name, department, priority in (
            ("A machine does not answer", "Support", high),
            ("Network and addresses", "Network", None),
            ("Invoices", "Billing", None),
        ):
            if not HelpTopic.objects.filter(name=name).exists():
                topic = HelpTopic(name=name, department=departments[department], priority=priority)
                order.save_in_tree(topic, by=self._by)

    def _customer(self, name: str, domain: str, manager: Agent, sla: Sla | None) -> None:
        organization = Organization.objects.get_or_create(name=name)[0]
        if not Customer.objects.filter(organization=organization).exists():
            row = Customer(organization=organization, account_manager=manager, sharing=Sharing.PRIMARY, sla=sla)
            order.save_row(row, by=self._by, kept=[CustomerDomain(domain=domain)])

    def _contact(self, name: str, email: str, organization: str, language: str) -> None:
        if not Contact.objects.filter(addresses__email=email).exists():
            owner = Organization.objects.get(name=organization)
            row = Contact(name=name, organization=owner, language=language, time_zone="Asia/Seoul", is_primary=True)
            people.save_contact(row, [email], by=self._by)

    def _mailbox(self, address: str, name: str, ports: Mapping[str, int], authority: str, password: str) -> Mailbox:
        """ticket@ by IMAP, billing@ by POP3, both with TLS and an authority of the demo's own."""
        is_imap = address == DESK
        found = Mailbox.objects.filter(address=address).first() or Mailbox(
            address=address,
            name=name,
            department=Department.objects.get(name="Support" if is_imap else "Billing"),
            protocol=MailProtocol.IMAP if is_imap else MailProtocol.POP3,
            after_fetch=AfterFetch.MOVE if is_imap else AfterFetch.DELETE,
            poll_seconds=POLL_SECONDS,
        )
        found.host = found.smtp_host = "localhost"
        found.port, found.smtp_port = ports["imaps" if is_imap else "pop3s"], ports["smtp"]
        found.username, found.login, found.smtp_login = address, MailLogin.PASSWORD, MailLogin.NONE
        found.security, found.smtp_security = Security.TLS, Security.STARTTLS
        found.ca_certificate = authority.strip()
        return save_mailbox(found, by=self._by, typed={"secret": {"password": password}})
