"""What a mail is about, as the services around `mail_out` hand it to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hosts.services.audit import Actor
from tickets.choices import MailKind
from tickets.models import Agent, DeskSettings, Entry, Mailbox, Ticket
from tickets.rules.alerts import FOR_AGENTS


@dataclass(frozen=True, slots=True)
class Matter:
    """One happening: its kind, the ticket and entry it is about (if any), who did it, what else is to be said, and the
    agent who speaks or acts.
    """

    kind: MailKind
    ticket: Ticket | None
    entry: Entry | None
    by: Actor
    desk: DeskSettings
    extra: Mapping[str, Any] = field(default_factory=dict)
    agent: Agent | None = None

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
        ticket = self.ticket
        wished: list[Mailbox | None] = [self.extra.get("mailbox")]
        if ticket is not None and not self.is_for_agents:
            wished += [ticket.department.mailbox, ticket.mailbox]
        wished.append(self.desk.mailbox)
        if ticket is not None and self.is_for_agents:
            wished += [ticket.department.mailbox, ticket.mailbox]
        for mailbox in wished:
            if mailbox is not None and mailbox.is_active:
                return mailbox
        return Mailbox.objects.filter(is_active=True).exclude(smtp_host="").order_by("pk").first()


def agent_of(entry: Entry | None, by: Actor) -> Agent | None:
    """The agent who wrote the entry, or who acts."""
    if entry is not None and entry.agent is not None:
        return entry.agent
    if by.user is None:
        return None
    return Agent.objects.select_related("user").filter(user=by.user).first()
