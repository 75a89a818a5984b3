"""Edits of servers and relays, each refused before anything is written where it must not be sent to a host."""

from dhcp.services.editing.judging import Refused, ToConfirm, told
from dhcp.services.editing.ranges import RangeSaid
from dhcp.services.editing.saving import (
    ALGORITHMS,
    delete,
    save_key,
    save_network,
    save_pool,
    save_relay,
    save_reservation,
    save_server,
    save_subnet,
)
from dhcp.services.editing.typed import lease_seconds_of, mac_of

__all__ = [
    "ALGORITHMS",
    "RangeSaid",
    "Refused",
    "ToConfirm",
    "delete",
    "lease_seconds_of",
    "mac_of",
    "save_key",
    "save_network",
    "save_pool",
    "save_relay",
    "save_reservation",
    "save_server",
    "save_subnet",
    "told",
]
