"""What the lists of DHCP share: filters that people kept, and cells of CSV files."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from hosts.models import SavedFilter, User

MOST_SAVED = 30


def saved_filters(of: str, user: User) -> QuerySet[SavedFilter]:
    """One's own, and those that are shared."""
    rows = SavedFilter.objects.filter(page=of).filter(Q(user=user) | Q(is_shared=True))
    return rows.select_related("user").order_by("name")[:MOST_SAVED]


class Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        """The text itself."""
        return text


def cell(text: str) -> str:
    """A cell that a spreadsheet does not take for a formula (CWE-1236)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
