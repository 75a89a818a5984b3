"""An order and a way into a host in, the outcome out: one exec, the rest happens on the host."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hosts.choices import ChangeState, StepName, StepState
from hosts.errors import HostLost
from hosts.facts.change import Command, Order, Outcome, OutputEvent, StepEvent
from hosts.facts.words import Words, gettext_noop, words
from hosts.outside.shell import Shell
from hosts.parse.transaction import TransactionReader
from hosts.render import transaction as render

OnEvent = Callable[[StepEvent | OutputEvent], None]

QUIET_SECONDS = 60
KILL_SECONDS = 6


def run(shell: Shell, order: Order, on_event: OnEvent, *, offset: int = 0) -> Outcome:
    """Have the host carry the order out, or go on showing how it does where it has the order already.

    Events come as they happen; `offset` leaves out that many bytes of the host's log. Raises RenderError and
    HostUnreachable (nothing was touched), HostLost (the outcome is found later by `find`).
    """
    line = render.start_line(order.id, offset)
    reader = _read(shell, line, order, on_event, stdin=render.upload(order), offset=offset)
    return _outcome(reader)


def find(shell: Shell, order: Order, on_event: OnEvent, *, offset: int = 0) -> Outcome | None:
    """How the order ended, after following it to its end if it still runs; None where the host never got it.

    A change that asked for a reboot is verified now that the panel is back. Raises HostLost while the host
    is still on its way down.
    """
    reader = _read(shell, render.find_line(order.id, offset), order, on_event, offset=offset)
    return None if reader.is_unknown else _outcome(reader)


def confirm(shell: Shell, order_id: str) -> bool:
    """Tell a change that waits for it that the panel came back; False where none waits. Take a fresh connection."""
    reader = TransactionReader(order_id)
    reader.feed(shell.run(render.confirm_line(order_id)).stdout)
    return reader.is_confirmed


def _read(
    shell: Shell, line: str, order: Order, on_event: OnEvent, *, stdin: bytes | Iterable[bytes] = b"", offset: int
) -> TransactionReader:
    reader = TransactionReader(order.id, offset=offset)
    stream = shell.stream(line, stdin=stdin, idle_seconds=_longest_silence(order))
    step: StepEvent | None = None
    try:
        for piece in stream:
            for event in reader.feed(piece):
                step = event if isinstance(event, StepEvent) else step
                on_event(event)
            if reader.outcome is not None:
                break
        if reader.outcome is None and not reader.is_unknown:
            raise HostLost(_unfinished(stream.stderr))
    except HostLost as error:
        if _goes_down(order, step):
            raise HostLost(_restarting()) from error
        raise
    finally:
        stream.close()
    return reader


def _outcome(reader: TransactionReader) -> Outcome:
    if reader.outcome is None or reader.outcome.state == ChangeState.APPLYING:
        raise HostLost(_restarting())
    return reader.outcome


def _goes_down(order: Order, step: StepEvent | None) -> bool:
    """Whether the last thing the host told is that it restarts, as the change asks: then that is why the line broke."""
    guard = order.bundle.guard
    if guard is None or not guard.reboots or step is None:
        return False
    return (step.name, step.state) == (StepName.CONFIRM, StepState.RUNNING)


def _restarting() -> Words:
    return words(gettext_noop("The host is restarting; the change goes on when it is up again."))


def _unfinished(stderr: bytes) -> Words:
    said = stderr.decode("utf-8", "replace").strip()[-300:]
    what = gettext_noop("The host stopped telling before the change had ended. %(said)s")
    return words(what, said=said)


def _longest_silence(order: Order) -> float:
    """Seconds in which a host that is well may have nothing to say."""
    bundle = order.bundle
    commands: list[Command] = [*bundle.before, *bundle.check, *bundle.activate, *bundle.verify, *bundle.undo]
    limits = [command.timeout_seconds + KILL_SECONDS for command in commands]
    return QUIET_SECONDS + max(limits, default=0) + (bundle.guard.seconds if bundle.guard else 0)
