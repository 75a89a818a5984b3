"""SSH, and the only place that knows paramiko: facts of a host go in, a `Shell` on it comes out.

What made connecting fast is told in docs/benchmarks.md.
"""

from __future__ import annotations

from hosts.outside.ssh.limits import Limits
from hosts.outside.ssh.pool import SshPool

__all__ = ["Limits", "SshPool"]
