"""An order in; the command lines, the upload and the program that carry it out on the host, out.

The program is the shell parts beside this file, joined. They stand on POSIX sh (dash, busybox) and on what every
Debian has: coreutils or busybox, tar, and flock and systemd where they are there.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

from hosts.facts.change import Bundle, Command, Order, SeenFile, WantedFile
from hosts.render.transaction.checked import checked
from hosts.render.transaction.tokens import line_of, raw, token

PARTS = ("ground", "commands", "files", "ending", "guard", "work", "doors")
PHASES = ("before", "check", "activate", "verify", "undo")
STATE_DIRECTORY = "/var/lib/rackdesk"
PIECE = 256 * 1024

_GROUND = (
    "umask 077; PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; LC_ALL=C; "
    f"export PATH LC_ALL; i=$1; r={STATE_DIRECTORY}; c=$r/changes; "
)
# A second upload of the same change is read to its end and thrown away, so that the sender is not left hanging.
_START = (
    'set -- start "$i" "$2"; '
    'if [ -d "$c/$i" ]; then cat <&0 >/dev/null & exec </dev/null; . "$c/$i/run"; exit; fi; '
    't=$c/.$i.$$; no() { printf "\\n@%s end refused lock %s - - - %s .\\n" "$i" "$1" '
    '"$(printf %s "$2" | tr "\\n" " ")"; rm -rf "$t"; exit 0; }; '
    'if [ -L "$r" ] || [ -L "$c" ]; then no state_directory; fi; '
    'if [ -d "$c" ]; then :; else m=$(mkdir -p "$c" 2>&1) || no not_received "$m"; fi; '
    'if [ -O "$r" ] && [ -O "$c" ]; then :; else no state_directory; fi; '
    'm=$(mkdir "$t" 2>&1 && tar -xof - -C "$t" 2>&1) || no not_received "$m"; '
    '[ -e "$t/complete" ] || no upload_cut; '
    'm=$(mv "$t" "$c/$i" 2>&1) || no not_received "$m"; '
    'if [ -d "$c/$i/.$i.$$" ]; then rm -rf "$c/$i/.$i.$$"; fi; '
    'exec </dev/null; . "$c/$i/run"'
)
_AGAIN = 'if [ -d "$c/$i" ]; then exec sh "$c/$i/run" %s "$i" "$2" </dev/null; fi; printf "\\n@%%s unknown\\n" "$i"'


def start_line(order_id: str, offset: int = 0) -> str:
    """The command that takes the upload on stdin, starts the change (once) and prints its log from `offset` on."""
    return _line(_START, order_id, offset)


def find_line(order_id: str, offset: int = 0) -> str:
    """The command that prints a change's log from `offset` on, or that the host never got it.

    A change that asked for a reboot is verified by this once the host is up again.
    """
    return _line(_AGAIN % "follow", order_id, offset)


def confirm_line(order_id: str) -> str:
    """The command that tells a change that waits for it that the panel is back."""
    return _line(_AGAIN % "confirm", order_id, 0)


@cache
def program() -> bytes:
    """The transaction itself, the same for every host and change, without its comments."""
    here = Path(__file__).parent
    lines = (line for part in PARTS for line in (here / f"{part}.sh").read_text().splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.lstrip().startswith("#")).encode()


def upload(order: Order) -> Iterator[bytes]:
    """The tar stream for `start_line`, in pieces of 256 KiB at most; `complete` comes last.

    Raises RenderError, before the first piece, where the order cannot be carried out as it is.
    """
    return _joined(_stream(checked(order)))


def staged_path(order_id: str, number: int, path: str) -> str:
    """Where the `number`th file (from 1) lies while it is checked: beside its target, by a name tools pass over."""
    return f"{path.rpartition('/')[0]}/{_name(order_id, number)}.dpkg-new"


def _line(body: str, order_id: str, offset: int) -> str:
    return f"sh -c '{_GROUND}{body}' rackdesk {order_id} {offset}"


def _name(order_id: str, number: int) -> str:
    return f".rackdesk-{order_id[:8]}-{number}"


def _joined(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in as few pieces as may be: each piece is a packet, and a turn of everyone on the way."""
    held: list[bytes] = []
    length = 0
    for piece in pieces:
        if held and length + len(piece) > PIECE:
            yield b"".join(held)
            held, length = [], 0
        held.append(piece)
        length += len(piece)
    yield b"".join(held)


def _stream(order: Order) -> Iterator[bytes]:
    yield _member("run", program())
    yield _member("order", _counts(order).encode())
    for number, wanted in enumerate(order.bundle.files, start=1):
        yield _member(f"files/{number}", _file(order, number, wanted).encode())
        if wanted.content is not None:
            yield from _pieces(f"wanted/{number}", wanted.content)
    for phase in PHASES:
        for number, command in enumerate(getattr(order.bundle, phase), start=1):
            yield _member(f"commands/{phase}.{number}", _command(order, command).encode())
    yield b"".join([_made("old", tarfile.DIRTYPE), *(_made(pipe, tarfile.FIFOTYPE) for pipe in _pipes(order.bundle))])
    yield _member("complete", b"") + bytes(2 * tarfile.BLOCKSIZE)


def _counts(order: Order) -> str:
    bundle, guard = order.bundle, order.bundle.guard
    counts = [len(bundle.files), *(len(getattr(bundle, phase)) for phase in PHASES)]
    return (
        f"{' '.join(map(str, counts))} {guard.seconds if guard else 0} {'yes' if guard and guard.reboots else 'no'}\n"
    )


def _file(order: Order, number: int, wanted: WantedFile) -> str:
    seen = next(seen for seen in order.seen if seen.path == wanted.path)
    return "".join(f"{line}\n" for line in (*_wanted(wanted), *_seen(seen), _name(order.id, number)))


def _wanted(wanted: WantedFile) -> tuple[str, ...]:
    return (
        token(raw(wanted.path)),
        "remove" if wanted.content is None else "put",
        token(raw(wanted.owner)),
        token(raw(wanted.group)),
        f"{wanted.mode:o}",
        "-" if wanted.content is None else sha256(wanted.content).hexdigest(),
        "yes" if wanted.make_parents else "no",
    )


def _seen(seen: SeenFile) -> tuple[str, ...]:
    return (
        str(seen.kind),
        seen.sha256 or "-",
        token(raw(seen.owner)),
        token(raw(seen.group)),
        f"{seen.mode:o}",
    )


def _command(order: Order, command: Command) -> str:
    argv = [_placed(order, argument) for argument in command.argv]
    settings = [f"{name}={value}" for name, value in command.environment]
    words = ["env", *settings, *argv] if settings else argv
    lines = (str(command.timeout_seconds), token(line_of(argv)), *(token(raw(word)) for word in words))
    return "".join(f"{line}\n" for line in lines)


def _placed(order: Order, argument: str) -> str:
    """The argument with `{staged}` and `{staged:PATH}` filled in."""
    if "{staged" not in argument:
        return argument
    put = [(n, f.path) for n, f in enumerate(order.bundle.files, start=1) if f.content is not None]
    for number, path in put:
        argument = argument.replace(f"{{staged:{path}}}", staged_path(order.id, number, path))
    return argument.replace("{staged}", staged_path(order.id, *put[0])) if put else argument


def _pipes(bundle: Bundle) -> Iterator[str]:
    """The pipes that carry the output of the commands: one each, and for `activate` another for a second time."""
    counts = {phase: len(getattr(bundle, phase)) for phase in PHASES}
    for phase, count in {**counts, "again": len(bundle.activate)}.items():
        yield from (f"pipe.{phase}.{number}" for number in range(1, count + 1))
    yield from ("rest.pipe", "count.pipe", "answer")


def _member(name: str, content: bytes) -> bytes:
    return _header(name, len(content)) + content + _padding(len(content))


def _pieces(name: str, content: bytes) -> Iterator[bytes]:
    yield _header(name, len(content))
    view = memoryview(content)
    for start in range(0, len(content), PIECE):
        yield bytes(view[start : start + PIECE])
    yield _padding(len(content))


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member.tobuf(tarfile.USTAR_FORMAT)


def _made(name: str, kind: bytes) -> bytes:
    """A directory or pipe, so that the host need not start a program to make it."""
    member = tarfile.TarInfo(name)
    member.type, member.mode = kind, 0o700 if kind == tarfile.DIRTYPE else 0o600
    return member.tobuf(tarfile.USTAR_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)
