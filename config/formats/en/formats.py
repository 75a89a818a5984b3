"""Dates and times of the settings pages in English: 24 hours, sortable by eye (Django's own say a.m. and 오전)."""

DATE_FORMAT = "j M Y"
DATETIME_FORMAT = "Y-m-d H:i"
SHORT_DATETIME_FORMAT = "Y-m-d H:i"
TIME_FORMAT = "H:i"
