"""A lease in; its state as pages and programs say it out."""

from __future__ import annotations

from django.utils import timezone

from dhcp.choices import LEASE_WORDS, LeaseState
from dhcp.models import Lease
from hosts.choices import Tone


def state_of(lease: Lease) -> tuple[str, str, str]:
    """(state, word, tone): a lease whose time is over is not leased any more, whatever the file says."""
    value = lease.state or LeaseState.ACTIVE
    if value == LeaseState.ACTIVE and lease.ends_at is not None and lease.ends_at <= timezone.now():
        value = LeaseState.EXPIRED
    label, tone = LEASE_WORDS.get(value, (value, Tone.NEUTRAL))
    return str(value), str(label), tone.value
