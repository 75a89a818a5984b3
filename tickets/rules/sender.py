"""Who speaks in a mail to the name in front of its From address."""

from __future__ import annotations

from tickets.rules.alerts import BY_PEOPLE, FOR_AGENTS


def from_name(kind: str, *, house: str, agent: str, poster: str, hides_agents: bool) -> str:
    """The name that readers see. `house` is the mailbox's name, or the desk's.

    An agent's answer carries the agent's name unless agents stay hidden; staff see whose message an alert is about.
    """
    speaker = agent if kind in BY_PEOPLE and not hides_agents else ""
    person = poster if kind in FOR_AGENTS else speaker
    return f"{person} ({house})" if person and house and person != house else person or house
