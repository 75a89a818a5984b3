"""Which servers can only be this machine."""

from __future__ import annotations

import pytest

from tickets.rules.this_machine import is_this_machine


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST.", "mail.localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]"]
)
def test_loopback_is_this_machine(host: str) -> None:
    assert is_this_machine(host)


@pytest.mark.parametrize("host", ["", "mail.example.org", "10.0.0.1", "localhost.example.org", "1270.0.0.1"])
def test_anything_else_may_be_elsewhere(host: str) -> None:
    assert not is_this_machine(host)
