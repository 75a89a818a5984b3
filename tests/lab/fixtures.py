"""Fixtures for tests on whole hosts: `lab`, one per session, and `lab_host`, like new."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.lab.hosts import LabHost
from tests.lab.lab import Lab
from tests.lab.machine import missing


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The session's own lab, down at its end however that comes; `lab.up(3)` gives three running hosts."""
    if reason := missing():
        pytest.skip(reason)
    # The process id keeps sessions apart that run at the same time, xdist's workers included.
    with Lab(tmp_path_factory.mktemp("lab"), prefix=f"t{os.getpid():x}"[:8]) as session_lab:
        yield session_lab


@pytest.fixture(scope="session")
def _stable(lab: Lab) -> list[LabHost]:
    """Hosts that are new or on their way to it, the one that has rested longest first."""
    return lab.up(2)


@pytest.fixture
def lab_host(_stable: list[LabHost]) -> Iterator[LabHost]:
    """A whole host, like new. What a test does to it (faults too) is gone before another test gets it.

    Two hosts take turns: one starts afresh while the next test already has the other.
    """
    host = _stable.pop(0)
    host.wait_for_ssh()
    yield host
    host.reset(wait=False)
    _stable.append(host)
