"""Tests of DHCP."""
