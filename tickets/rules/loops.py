"""Facts of a mail to whether it may be answered by a program."""

from __future__ import annotations

from tickets.facts.mail import MailFacts

DEFAULT_CAP = 5
"""Automatic mails to one address in one hour."""


def may_be_answered(mail: MailFacts, own_addresses: frozenset[str]) -> bool:
    """Whether an automatic answer cannot start a loop or reach nobody: written by a person with an address, who is
    not ourselves. A subject that only looks like an automatic reply is enough to keep quiet.
    """
    if mail.automatic is not None or mail.bounce is not None or not mail.sender.usable:
        return False
    return not is_own(mail, own_addresses)


def is_own(mail: MailFacts, own_addresses: frozenset[str]) -> bool:
    """Whether the sender writes from one of our own addresses (`own_addresses` are Address.key)."""
    return mail.sender.key in own_addresses


def under_cap(sent_last_hour: int, cap: int = DEFAULT_CAP) -> bool:
    """Whether one more automatic mail may go to an address that had `sent_last_hour` of them."""
    return sent_last_hour < cap
