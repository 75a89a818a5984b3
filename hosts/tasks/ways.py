"""The one pool of connections of this worker process."""

from __future__ import annotations

from hosts.outside.ssh import SshPool

pool = SshPool()
