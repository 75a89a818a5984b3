"""What a change wants, saw and came to: the values that travel between rows, the wire and the host."""

from __future__ import annotations

from dataclasses import dataclass, field

from hosts.choices import FileKind
from hosts.facts.words import Words


@dataclass(frozen=True, slots=True)
class Command:
    """One program to run on the host: argv, never a shell line.

    In a `check`, an argument may contain `{staged}` (the first file's staged path) or `{staged:PATH}`
    (that file's staged path); it is filled in on the host, inside the one argument.
    `timeout_seconds` ends the program (TERM, 5 s later KILL) and counts as a failure.
    """

    argv: tuple[str, ...]
    timeout_seconds: int = 60
    environment: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A file as it shall be. `content=None` means that it shall not be there.

    `path` is absolute and normalised; blanks, quotes and newlines are fine, NUL is not. `mode` is the
    permission bits (0o644). `make_parents` creates missing directories as root:root 0755 and takes them
    away again on a put back. A `secret` file is never shown: its diff says only that it changed.
    """

    path: str
    content: bytes | None = field(repr=False)
    owner: str = "root"
    group: str = "root"
    mode: int = 0o644
    secret: bool = False
    make_parents: bool = False


@dataclass(frozen=True, slots=True)
class Guard:
    """Put the old state back unless the panel confirms over a new connection within `seconds`.

    With `reboots` the host restarts after `activate` (no command of the bundle does that): it is waited for, must
    show another boot id, and only then is verified and confirmed. Files that are put back after such a restart are
    followed by another one.
    """

    seconds: int = 120
    reboots: bool = False


@dataclass(frozen=True, slots=True)
class Bundle:
    """The whole contract between an app and the push.

    Order on the host: lock, drift, `before`, stage, `check`, keep old, swap, `activate`, `verify`, confirm.
    A failure up to and including `check` leaves the host untouched (refused). A later one puts the old files
    back and runs `undo`, or `activate` again where `undo` is empty (rolled back).
    """

    files: tuple[WantedFile, ...] = ()
    before: tuple[Command, ...] = ()
    check: tuple[Command, ...] = ()
    activate: tuple[Command, ...] = ()
    verify: tuple[Command, ...] = ()
    undo: tuple[Command, ...] = ()
    guard: Guard | None = None


@dataclass(frozen=True, slots=True)
class SeenFile:
    """What was found at a path when the diff was made. `sha256` is empty unless it is a regular file.

    `content` is None where it was not fetched (not a file, too large, or not asked for).
    """

    path: str
    kind: FileKind
    sha256: str = ""
    size: int = 0
    owner: str = ""
    group: str = ""
    mode: int = 0
    content: bytes | None = field(default=None, repr=False)
    target: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A bundle on its way to one host: what the transaction on the host is told.

    `id` is the change's UUID in lower-case hex with dashes. `seen` holds one entry for each file of the bundle.
    """

    id: str
    bundle: Bundle
    seen: tuple[SeenFile, ...] = ()


@dataclass(frozen=True, slots=True)
class StepEvent:
    """A step began or ended on the host. `at` is seconds since the epoch by the host's clock."""

    name: str
    state: str
    at: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class OutputEvent:
    """A piece of output of the command that is running, decoded with replacement, control bytes made visible."""

    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a transaction ended, read from the host's own record.

    `state` is one of ChangeState: applied, refused, rolled_back, failed. `step` is the step that decided it,
    `why` says what happened and what the host looks like now. `log_bytes` is how much of the host's log was read.
    """

    state: str
    step: str = ""
    why: Words | str = ""
    log_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Recovered:
    """A change that a power cut or a kill had cut off on the host, and how it was put right at this contact."""

    id: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Compared:
    """What lies at the paths that were asked for, in their order, and what was put right on the way."""

    files: tuple[SeenFile, ...]
    recovered: tuple[Recovered, ...] = ()
