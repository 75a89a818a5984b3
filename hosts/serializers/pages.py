"""A long list goes in, one page of it and the way to the next come out."""

from __future__ import annotations

from typing import Any

from rest_framework.pagination import CursorPagination


class KeyPagination(CursorPagination):
    """Pages by key, so that page 10 000 of a million rows costs as much as the first."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> tuple[str, ...]:
        """Always by id, whatever the view or its filters would like: other columns are neither unique nor indexed."""
        return (self.ordering,)
