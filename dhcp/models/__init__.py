"""The rows of DHCP, one file for each idea; `server_facts` is the gate from them to pure code."""

from dhcp.models.clients import ClientClass, Reservation, ReservedAddress, Subclass
from dhcp.models.lease import Alarm, Holding, Lease, UsageSample
from dhcp.models.network import Group, Pool, Range, SharedNetwork, Subnet
from dhcp.models.reading import server_facts
from dhcp.models.server import Definition, Key, Peer, Server, Space, Zone
from dhcp.models.traffic import Errand, Exchange, Problem, Relay

__all__ = [
    "Alarm",
    "ClientClass",
    "Definition",
    "Errand",
    "Exchange",
    "Group",
    "Holding",
    "Key",
    "Lease",
    "Peer",
    "Pool",
    "Problem",
    "Range",
    "Relay",
    "Reservation",
    "ReservedAddress",
    "Server",
    "SharedNetwork",
    "Space",
    "Subclass",
    "Subnet",
    "UsageSample",
    "Zone",
    "server_facts",
]
