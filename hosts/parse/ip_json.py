"""`ip -j [-d] link`, `ip -j address`, `ip -j route` (iproute2) to links, addresses and default routes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from hosts.facts.hardware import Address, Link, Route, VfLink
from hosts.parse.reading import (
    Record,
    json_records,
    pairs,
    records_of,
    text_of,
    texts_of,
    truth_of,
    whole,
    whole_of,
)


def ip_links(text: str) -> tuple[tuple[Link, ...], bool]:
    """Links, with addresses where `ip address` printed them, and whether the JSON was whole."""
    records, whole_json = json_records(text)
    return tuple(_link(record) for record in records if text_of(record, "ifname")), whole_json


def _link(record: Record) -> Link:
    info = record.get("linkinfo")
    info = info if isinstance(info, dict) else {}
    data = info.get("info_data")
    data = data if isinstance(data, dict) else {}
    return Link(
        name=text_of(record, "ifname"),
        index=whole_of(record, "ifindex") or 0,
        mac=text_of(record, "address").lower(),
        mtu=whole_of(record, "mtu") or 0,
        state=text_of(record, "operstate"),
        flags=texts_of(record, "flags"),
        link_type=text_of(record, "link_type"),
        kind=text_of(info, "info_kind"),
        member_kind=text_of(info, "info_slave_kind"),
        master=text_of(record, "master"),
        parent=text_of(record, "link"),
        vlan=whole_of(data, "id") if text_of(info, "info_kind") == "vlan" else None,
        alternative_names=texts_of(record, "altnames"),
        alias=text_of(record, "ifalias"),
        permanent_mac=text_of(record, "permaddr").lower(),
        parent_device=text_of(record, "parentdev"),
        addresses=tuple(_address(each) for each in records_of(record, "addr_info") if text_of(each, "local")),
        vfs=tuple(vf for each in records_of(record, "vfinfo_list") if (vf := _vf(each))),
    )


def _address(record: Record) -> Address:
    return Address(
        family=text_of(record, "family"),
        address=text_of(record, "local"),
        prefix_length=whole_of(record, "prefixlen") or 0,
        scope=text_of(record, "scope"),
        dynamic=record.get("dynamic") is True,
        temporary=record.get("temporary") is True,
    )


def _vf(record: Record) -> VfLink | None:
    """Newer iproute2 lists VLANs ("vlan_list": [{}] is none), older ones have vlan and qos at the top; rates are
    under "rate", or at the top; the MAC is "address", in old versions "mac"."""
    index = whole_of(record, "vf")
    if index is None:
        return None
    vlans = records_of(record, "vlan_list")
    vlan = vlans[0] if vlans else record
    rate = record.get("rate")
    rate = rate if isinstance(rate, dict) else record
    return VfLink(
        index=index,
        mac=text_of(record, "address", "mac").lower(),
        vlan=whole_of(vlan, "vlan") or 0,
        qos=whole_of(vlan, "qos") or 0,
        vlan_protocol=text_of(vlan, "protocol"),
        max_tx_rate=whole_of(rate, "max_tx", "max_tx_rate") or whole_of(record, "tx_rate") or 0,
        min_tx_rate=whole_of(rate, "min_tx", "min_tx_rate") or 0,
        spoof_check=truth_of(record, "spoofchk"),
        trust=truth_of(record, "trust"),
        link_state=text_of(record, "link_state"),
        query_rss=truth_of(record, "query_rss_en"),
    )


def ip_routes(text: str) -> tuple[Route, ...]:
    """Default routes of `ip -j route show default`."""
    records, _ = json_records(text)
    return tuple(
        Route(
            gateway=text_of(record, "gateway"),
            interface=text_of(record, "dev"),
            metric=whole_of(record, "metric") or 0,
            protocol=text_of(record, "protocol"),
        )
        for record in records
        if text_of(record, "dst") in {"default", "0.0.0.0/0", "::/0"}
    )


def sysfs_links(text: str) -> tuple[Link, ...]:
    """Links from the script's walk over /sys/class/net, for hosts whose `ip` has no -j (busybox)."""
    every = list(pairs(text, "="))
    starts = [at for at, (key, _) in enumerate(every) if key == "interface"]
    blocks = [dict(every[start:end]) for start, end in pairwise([*starts, len(every)])]
    return tuple(
        Link(
            name=block["interface"],
            index=whole(block.get("ifindex", "")) or 0,
            mac=block.get("address", "").lower(),
            mtu=whole(block.get("mtu", "")) or 0,
            state=block.get("operstate", "").upper(),
            master=block.get("master", ""),
            alias=block.get("ifalias", ""),
            parent_device=block.get("device", ""),
            speed_mbit=_speed(block.get("speed", "")),
        )
        for block in blocks
    )


def _speed(text: str) -> int | None:
    speed = whole(text)
    # -1 and its unsigned form are how drivers say "unknown".
    return speed if speed is not None and 0 < speed < 2**31 else None


def joined(links: Iterable[Link], addresses: Iterable[Link], walked: Iterable[Link]) -> tuple[Link, ...]:
    """One list: `ip link` first, addresses by name from `ip address`, speed and what is missing from sysfs."""
    with_address = {link.name: link for link in addresses}
    from_sysfs = {link.name: link for link in walked}
    base = tuple(links) or tuple(with_address.values()) or tuple(from_sysfs.values())
    empty = Link("")
    return tuple(
        replace(
            link,
            addresses=with_address.get(link.name, link).addresses,
            speed_mbit=from_sysfs.get(link.name, empty).speed_mbit,
            parent_device=link.parent_device or from_sysfs.get(link.name, empty).parent_device,
        )
        for link in base
    )
