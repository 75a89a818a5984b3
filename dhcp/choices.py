"""Closed lists of DHCP's words, as the files write them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hosts.choices import Tone


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
    """Messages of RFC 2131 and 8415 as the logs name them, and what a server says of an address."""

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
    SOLICIT = "Solicit"
    ADVERTISE = "Advertise"
    REQUEST6 = "Request"
    RENEW = "Renew"
    REBIND = "Rebind"
    CONFIRM = "Confirm"
    REPLY = "Reply"
    DECLINE6 = "Decline"
    RELEASE6 = "Release"
    INFORM6 = "Information-request"
    RELAY_FORW = "Relay-forward"
    RELAY_UP = "Relaying up"
    RELAY_DOWN = "Relaying down"
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


SIX = frozenset(
    {
        *(Message.SOLICIT, Message.ADVERTISE, Message.REQUEST6, Message.RENEW, Message.REBIND, Message.CONFIRM),
        *(Message.REPLY, Message.DECLINE6, Message.RELEASE6, Message.INFORM6, Message.RELAY_FORW),
        *(Message.RELAY_UP, Message.RELAY_DOWN),
    }
)
"""Messages of DHCPv6."""
FOUR = frozenset(
    {
        *(Message.DISCOVER, Message.OFFER, Message.REQUEST, Message.ACK, Message.NAK, Message.DECLINE),
        *(Message.RELEASE, Message.INFORM, Message.FORWARD_REQUEST, Message.FORWARD_REPLY),
        *(Message.BOOTREQUEST, Message.BOOTREPLY),
    }
)
"""Messages of DHCPv4."""
RELAYED = frozenset({Message.FORWARD_REQUEST, Message.FORWARD_REPLY, Message.RELAY_UP, Message.RELAY_DOWN})
"""What relays themselves tell."""


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
    ANSWERED = "answered"


class ServerKind(TextChoices):
    """The program that serves."""

    ISC = "isc", _("ISC dhcpd")
    KEA = "kea", _("Kea")


class Service(TextChoices):
    """What the panel last saw of a server or a relay on its host."""

    UNKNOWN = "unknown", _("Not looked at yet")
    RUNNING = "running", _("Running")
    STOPPED = "stopped", _("Stopped")
    MISSING = "missing", _("Not installed")
    UNREACHABLE = "unreachable", _("Unreachable")


class ErrandKind(TextChoices):
    """What a worker is asked to do on a server's host, apart from changes."""

    READ_CONFIG = "read_config", _("Read the configuration")
    PING = "ping", _("Ask whether addresses answer")
    RELEASE = "release", _("Release a lease")


class ErrandState(TextChoices):
    """Where an errand is."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


LEASE_WORDS: dict[str, tuple[Any, Tone]] = {
    LeaseState.ACTIVE: (_("Leased"), Tone.RUNNING),
    LeaseState.FREE: (_("Free"), Tone.NEUTRAL),
    LeaseState.EXPIRED: (_("Ran out"), Tone.NEUTRAL),
    LeaseState.RELEASED: (_("Given back"), Tone.NEUTRAL),
    LeaseState.RESET: (_("Reset"), Tone.NEUTRAL),
    LeaseState.BACKUP: (_("Kept by the partner"), Tone.NEUTRAL),
    LeaseState.ABANDONED: (_("Abandoned"), Tone.BROKEN),
}
"""The word and the meaning of each state of a lease."""
OUTCOME_WORDS: dict[str, tuple[Any, Tone]] = {
    Outcome.BOUND: (_("Got an address"), Tone.GOOD),
    Outcome.REFUSED: (_("Refused"), Tone.BROKEN),
    Outcome.DECLINED: (_("Declined"), Tone.BROKEN),
    Outcome.LEFT_TO_PEER: (_("Left to the partner"), Tone.NEUTRAL),
    Outcome.RELAYED: (_("Passed on"), Tone.NEUTRAL),
    Outcome.UNANSWERED: (_("No answer"), Tone.BROKEN),
    Outcome.NO_REQUEST: (_("Offer not taken"), Tone.BROKEN),
    Outcome.UNFINISHED: (_("Under way"), Tone.RUNNING),
    Outcome.ANSWERED: (_("Was answered"), Tone.NEUTRAL),
}
"""The same of each way in which a conversation ends."""
