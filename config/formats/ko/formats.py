"""Dates and times of the settings pages in Korean: 24 hours, sortable by eye (Django's own say a.m. and 오전)."""

DATE_FORMAT = "Y년 n월 j일"
DATETIME_FORMAT = "Y-m-d H:i"
SHORT_DATETIME_FORMAT = "Y-m-d H:i"
TIME_FORMAT = "H:i"
