"""Tests of hosts, by room."""
