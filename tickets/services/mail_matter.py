"""What a mail is about, as the services around `mail_out` hand it to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hosts.services.audit import Actor
from tickets.choices import MailKind
from tickets.models import Agent, Contact, DeskSettings, Entry, Mailbox, Ticket
from tickets.rules.alerts import FOR_AGENTS
from tickets.services.house import desk, mailboxes


@dataclass(frozen=True, slots=True)
class Matter:
    """One happening: its kind, the ticket and entry it is about (if any), who did it, what else is to be said, the
    agent who speaks or acts, the desk's mailboxes, and the customers who take part, where the verb knows them anyway.
    """

    kind: MailKind
    ticket: Ticket | None
    entry: Entry | None
    by: Actor
    desk: DeskSettings
    extra: Mapping[str, Any] = field(default_factory=dict)
    agent: Agent | None = None
    mailboxes: tuple[Mailbox, ...] = ()
    contacts: tuple[Contact, ...] | None = None

    @property
    def is_for_agents(self) -> bool:
        """Whether only the staff reads it."""
        return self.kind in FOR_AGENTS

    @property
    def hides_agents(self) -> bool:
        """Whether the reader must not learn an agent's name."""
        return self.desk.hides_agent_names and not self.is_for_agents

    def mailbox(self) -> Mailbox | None:
        """Where it is sent from: the one asked for, the department's, the ticket's, the desk's, any that sends."""
        asked, ticket = self.extra.get("mailbox"), self.ticket
        of_ticket = [ticket.department.mailbox_id, ticket.mailbox_id] if ticket is not None else []
        of_desk = [self.desk.mailbox_id]
        wished = [*of_desk, *of_ticket] if self.is_for_agents else [*of_ticket, *of_desk]
        known = {mailbox.pk: mailbox for mailbox in self.mailboxes if mailbox.is_active}
        for pk in (asked.pk if asked is not None else None, *wished):
            if pk in known:
                return known[pk]
        return next((mailbox for mailbox in known.values() if mailbox.smtp_host), None)


def matter_of(
    kind: str,
    ticket: Ticket | None,
    entry: Entry | None,
    by: Actor,
    extra: Mapping[str, Any] | None = None,
    contacts: tuple[Contact, ...] | None = None,
) -> Matter:
    """The matter with what every mail about it needs."""
    agent = agent_of(entry, by)
    return Matter(MailKind(kind), ticket, entry, by, desk(), extra or {}, agent, mailboxes(), contacts)


def agent_of(entry: Entry | None, by: Actor) -> Agent | None:
    """The agent who wrote the entry, or who acts."""
    if entry is not None and entry.agent is not None:
        return entry.agent
    if by.user is None:
        return None
    return Agent.objects.select_related("user").filter(user=by.user).first()
