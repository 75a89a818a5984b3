"""An order in, the same order out, or RenderError: what can be known to fail is said before anything is sent."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from hosts.errors import RenderError
from hosts.facts.change import Bundle, Command, Order, WantedFile
from hosts.facts.words import gettext_noop, words

MOST_SECONDS = 24 * 3600

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN = re.compile(r"/[^/]")
_STAGED = re.compile(r"\{staged(?::([^}]*))?\}")


def checked(order: Order) -> Order:
    """The order, if a host can carry it out; RenderError says why not."""
    for complaint in _complaints(order):
        raise RenderError(complaint)
    return order


def is_change_id(text: str) -> bool:
    """Whether this is a UUID in lower-case hex with dashes, and so safe in a command line and a path."""
    return _ID.fullmatch(text) is not None


def _complaints(order: Order) -> Iterator[object]:
    if not is_change_id(order.id):
        yield words(gettext_noop("%(id)s is no id of a change."), id=order.id)
    yield from _about_files(order)
    yield from _about_commands(order.bundle)
    guard = order.bundle.guard
    if guard is not None and not 0 < guard.seconds <= MOST_SECONDS:
        yield words(gettext_noop("The time to confirm must be from 1 second to a day."))


def _about_files(order: Order) -> Iterator[object]:
    paths = [wanted.path for wanted in order.bundle.files]
    if len(set(paths)) != len(paths):
        yield words(gettext_noop("A file is named twice in this change."))
    if sorted(seen.path for seen in order.seen) != sorted(paths):
        yield words(gettext_noop("The files were not compared with the host yet."))
    for wanted in order.bundle.files:
        yield from _about_file(wanted)


def _about_file(wanted: WantedFile) -> Iterator[object]:
    path = wanted.path
    if (
        "\0" in path
        or not path.startswith("/")
        or path == "/"
        or posixpath.normpath(path) != path
        or path.startswith("//")
    ):
        yield words(gettext_noop("%(path)s is not an absolute, plain path."), path=path)
    if not 0 <= wanted.mode <= 0o7777:
        yield words(gettext_noop("The mode of %(path)s is no permission bits."), path=path)
    for name in (wanted.owner, wanted.group):
        if not name or name.startswith("-") or set(name) & set(":\n\0/"):
            yield words(gettext_noop("%(name)s cannot own %(path)s: that is no name."), name=name, path=path)


def _about_commands(bundle: Bundle) -> Iterator[object]:
    put = {wanted.path for wanted in bundle.files if wanted.content is not None}
    for command in (*bundle.before, *bundle.check, *bundle.activate, *bundle.verify, *bundle.undo):
        yield from _about_command(command)
    for command in bundle.check:
        for name in (match.group(1) for argument in command.argv for match in _STAGED.finditer(argument)):
            if not put or (name is not None and name not in put):
                yield words(gettext_noop("The check names a staged file that this change does not have."))


def _about_command(command: Command) -> Iterator[object]:
    argv = command.argv
    if not argv or not argv[0] or argv[0].startswith("-"):
        yield words(gettext_noop("A command has no program to run."))
    if any("\0" in word for word in argv) or any("\0" in value for _, value in command.environment):
        yield words(gettext_noop("A command holds a NUL byte, which no program can be given."))
    if not 0 < command.timeout_seconds <= MOST_SECONDS:
        yield words(gettext_noop("The time limit of a command must be from 1 second to a day."))
    if any(not _VARIABLE.fullmatch(name) for name, _ in command.environment):
        yield words(gettext_noop("The name of an environment variable is letters, digits and underscores."))
    if command.environment and argv and "=" in argv[0]:
        yield words(gettext_noop("A program with “=” in its name cannot be given an environment."))
