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


class Message(StrEnum):
    """Messages of RFC 2131 as the logs name them, and what a server says of an address."""

    DISCOVER = "DHCPDISCOVER"
    OFFER = "DHCPOFFER"
    REQUEST = "DHCPREQUEST"
    ACK = "DHCPACK"
    NAK = "DHCPNAK"
    DECLINE = "DHCPDECLINE"
    RELEASE = "DHCPRELEASE"
    INFORM = "DHCPINFORM"
    FORWARD_REQUEST = "Forwarded BOOTREQUEST"
    FORWARD_REPLY = "Forwarded BOOTREPLY"
    BOOTREQUEST = "BOOTREQUEST"
    BOOTREPLY = "BOOTREPLY"
    ABANDONED = "Abandoning IP address"
    RECLAIMED = "Reclaiming abandoned lease"
    ECHO = "ICMP Echo reply while lease"
    DUPLICATE = "uid lease"
    UNKNOWN_SUBNET = "Packet from unknown subnet"
    NO_SUBNET = "No subnet declaration for"
    CHECKSUM = "bad udp checksums"
    SEND_FAILED = "send_packet"
    PEER_STATE = "failover peer"
    PEER_LOST = "disconnected"
    UPDATE_REJECTED = "bind update on"


class Outcome(StrEnum):
    """How a client's attempt to get an address ended."""

    BOUND = "bound"
    REFUSED = "refused"
    DECLINED = "declined"
    LEFT_TO_PEER = "left-to-peer"
    RELAYED = "relayed"
    UNANSWERED = "unanswered"
    NO_REQUEST = "no-request"
    UNFINISHED = "unfinished"
