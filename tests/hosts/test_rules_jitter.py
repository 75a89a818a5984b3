"""An interval spread by a number."""

from __future__ import annotations

from hosts.rules.jitter import spread


def test_a_host_keeps_its_beat():
    assert spread(900, 7) == spread(900, 7)


def test_hosts_keep_apart_by_a_tenth_at_most():
    beats = [spread(900, key) for key in range(500)]
    assert 810 <= min(beats) < 830
    assert 970 < max(beats) <= 990
    assert abs(sum(beats) / len(beats) - 900) < 10
    assert len(set(beats)) == 500
