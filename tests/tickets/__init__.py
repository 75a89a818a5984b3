"""Tests of tickets, by room."""
