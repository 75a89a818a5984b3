"""Dates in the settings pages out, as Korean operators read them: 24 hours, sortable by eye."""

from __future__ import annotations

DATE_FORMAT = "Y년 n월 j일"
DATETIME_FORMAT = "Y-m-d H:i"
SHORT_DATETIME_FORMAT = "Y-m-d H:i"
TIME_FORMAT = "H:i"
