"""Closed lists of DHCP's words, as the files write them."""

from __future__ import annotations

from enum import StrEnum


class LeaseState(StrEnum):
    """Binding states of dhcpd.leases(5); the legacy words reserved and bootp are read as active."""

    FREE = "free"
    ACTIVE = "active"
    EXPIRED = "expired"
    RELEASED = "released"
    RESET = "reset"
    BACKUP = "backup"
    ABANDONED = "abandoned"


class UsageOf(StrEnum):
    """What a line of usage is about."""

    RANGE = "range"
    SHARED_NETWORK = "shared-network"
    ALL = "all"
