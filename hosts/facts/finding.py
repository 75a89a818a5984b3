"""Something about a host that a person should know, as a value."""

from __future__ import annotations

from dataclasses import dataclass

from hosts.choices import Severity
from hosts.facts.words import Words


@dataclass(frozen=True, slots=True)
class Finding:
    """`id` names the rule for ever ("md.degraded"), `subject` what on the host it is about ("md0", "/var"): together
    they are unique in a host. `title` fits a line, `why` says what it means, `what_to_do` the next step."""

    id: str
    severity: Severity
    title: Words
    why: Words
    what_to_do: Words
    subject: str = ""


@dataclass(frozen=True, slots=True)
class FactChange:
    """What differs between two reports: the group it is in ("memory"), what it is about, and the sentence."""

    group: str
    subject: str
    words: Words
