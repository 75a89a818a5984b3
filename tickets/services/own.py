"""What an agent sets for themselves: how they sign, what they see first, whether they are away."""

from __future__ import annotations

from django.db import transaction

from hosts.errors import NotAllowed
from hosts.facts.words import gettext_noop, words
from hosts.models import User
from hosts.services.audit import Actor, differences, note, snapshot
from tickets.models import Agent


@transaction.atomic
def save_preferences(agent: Agent, person: User, *, by: Actor) -> Agent:
    """Keep how an agent signs, what they start with, whether they are away, and how they are called."""
    _require_own(agent, by)
    before = snapshot(Agent.objects.get(pk=agent.pk))
    agent.full_clean(exclude=["user", "department", "role"])
    agent.save(update_fields=["signature", "signature_kind", "is_on_vacation", "default_queue", "page_size"])
    person.full_clean(exclude=["password"])
    person.save(update_fields=["name", "language", "time_zone"])
    note(by, "change preferences", agent, details=differences(agent, before))
    return agent


def _require_own(agent: Agent, by: Actor) -> None:
    if by.user is None or by.user.pk != agent.user_id:
        raise NotAllowed(words(gettext_noop("This belongs to somebody else. Nothing was changed.")))
