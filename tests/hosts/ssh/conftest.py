"""One real sshd for the tests of a file, and a pool that is closed after each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hosts.outside.ssh import SshPool
from tests.hosts.ssh.ways import HOST_KEYS
from tests.hosts.sshd import Sshd


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("sshd"), host_keys=tuple(HOST_KEYS.values())) as server:
        yield server


@pytest.fixture
def pool() -> Iterator[SshPool]:
    pool = SshPool()
    yield pool
    pool.close()
