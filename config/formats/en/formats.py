"""Dates in the settings pages out, as operators read them: 24 hours, sortable by eye."""

from __future__ import annotations

DATE_FORMAT = "j M Y"
DATETIME_FORMAT = "Y-m-d H:i"
SHORT_DATETIME_FORMAT = "Y-m-d H:i"
TIME_FORMAT = "H:i"
