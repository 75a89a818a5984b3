"""The names that a desk begins with: kept in English in their rows, said in the language of whoever reads them.

A row keeps its English name as a key until somebody gives it another one, which is then shown to everybody as it was
typed. Seeding in the language of the installation would fix one language for agents who read another.
"""

from __future__ import annotations

from django.utils.translation import gettext, override

from hosts.facts.words import Words, gettext_noop, plain, words

SEEDED = frozenset(
    {
        gettext_noop("Open"),
        gettext_noop("Resolved"),
        gettext_noop("Closed"),
        gettext_noop("Archived"),
        gettext_noop("Deleted"),
        gettext_noop("Emergency"),
        gettext_noop("High"),
        gettext_noop("Normal"),
        gettext_noop("Low"),
        gettext_noop("All access"),
        gettext_noop("Expanded access"),
        gettext_noop("Limited access"),
        gettext_noop("View only"),
        gettext_noop("Default"),
        gettext_noop("Support"),
        gettext_noop("Tickets"),
    }
)


def seeded(name: str) -> str:
    """A row's name as the reader is to see it."""
    return gettext(name) if name in SEEDED else name


def seeded_words(name: str) -> Words:
    """The same as a sentence that is said later."""
    return words(name) if name in SEEDED else plain(name)


def as_kept(value: object) -> str:
    """A row or a value as it is written down, in nobody's language; "" for None."""
    with override(None):
        return "" if value is None else str(value)
