"""A subnet in, its picture out: at most three queries, of leases as many as there are cells or blocks."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q
from django.db.models.functions import Substr

from dhcp.facts.subnet_map import Leased, SubnetMap
from dhcp.models import Lease, Range, ReservedAddress, Subnet
from dhcp.rules import subnet_map as rules

Span = rules.Span


def cells(subnet: Subnet, *, now: datetime, within: Span | None = None) -> SubnetMap:
    """Every address of a network of up to 4096 (a /20); of a larger one blocks of /24, or of more where there would be
    more than 4096 blocks. Of IPv6 what is drawn are its pools. Empty where there is nothing to draw.

    `within` (the keys of a first and a last address) draws a part of it: what somebody opened of the blocks.
    """
    pools = pools_of(subnet)
    span = within or rules.shown((subnet.first_key, subnet.last_key), pools)
    if span is None:
        return SubnetMap("", "")
    digits = rules.digits_of_block(span)
    mine = Lease.objects.filter(server_id=subnet.server_id, key__gte=span[0], key__lte=span[1])
    reserved = ReservedAddress.objects.filter(
        key__gte=span[0], key__lte=span[1], is_prefix=False,
        reservation__server_id=subnet.server_id, reservation__is_enabled=True,
    )  # fmt: skip
    if digits:
        heads = mine.annotate(head=Substr("key", 1, len(span[0]) - digits)).values_list("head", "state")
        leased = {(head, state): number for head, state, number in heads.annotate(number=Count("pk")).order_by()}
        blocks = rules.blocks(span, digits, pools, leased, reserved.values_list("key", flat=True))
        return SubnetMap(blocks[0].first, blocks[-1].last, blocks=tuple(blocks))
    told = mine.values_list("key", "state", "mac", "hostname", "ends_at", "never_ends")
    names = dict(reserved.values_list("key", "reservation__name"))
    found = rules.cells(span, pools, (Leased(*each) for each in told), names, now)
    return SubnetMap(found[0].address, found[-1].address, cells=tuple(found))


def pools_of(subnet: Subnet) -> list[Span]:
    """The ranges of its addresses, as keys, also those of pools of its shared network."""
    of = Q(pool__subnet=subnet)
    if subnet.shared_network_id is not None:
        of |= Q(pool__shared_network=subnet.shared_network_id)
    keys = Range.objects.filter(of, prefix_length=None).values_list("first_key", "last_key")
    spans = [(min(pair), max(pair)) for pair in keys]
    return [each for each in spans if each[1] >= subnet.first_key and each[0] <= subnet.last_key]
