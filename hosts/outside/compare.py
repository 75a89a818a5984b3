"""Paths and a way into a host in, what lies there out: one exec, which also puts cut-off changes right."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from hosts.facts.change import Compared
from hosts.outside.shell import Shell
from hosts.parse import compare as parse
from hosts.render import compare as render

MOST_CONTENT_BYTES = 5 * 1024 * 1024
SECONDS = 600
"""Putting a cut-off change right runs its commands, and takes as long as they take."""


def live_files(shell: Shell, paths: Sequence[str], *, sums_only: Collection[str] = ()) -> Compared:
    """What lies at `paths`, in their order, with contents up to 5 MiB; of `sums_only` the sha256 without content.

    Raises HostUnreachable and its children, HostLost, and CommandFailed where the files could not be read.
    """
    unique = list(dict.fromkeys(paths))
    fetched = [path for path in unique if path not in sums_only]
    summed = [path for path in unique if path in sums_only]
    stdin = render.stdin(fetched, summed, most_bytes=MOST_CONTENT_BYTES)
    done = shell.run(render.line(), stdin=stdin, timeout_seconds=SECONDS, output_limit=_limit(fetched))
    found = parse.compared(done.stdout, fetched, summed)
    by_path = {file.path: file for file in found.files}
    return Compared(tuple(by_path[path] for path in paths), found.recovered)


def _limit(fetched: Sequence[str]) -> int:
    return (len(fetched) + 1) * 2 * MOST_CONTENT_BYTES
