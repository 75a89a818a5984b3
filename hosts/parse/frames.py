"""What the facts script printed, cut into its sections: bytes in, sections and what was wrong with them out.

A tool's lines stand behind "|" (stdout) or "!" (stderr) and our own begin with "@", so nothing a tool prints can
be taken for a frame, and whatever is cut off or mixed in costs no more than its own section.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from hosts.errors import UnreadableFacts
from hosts.facts.words import Words, gettext_noop, words

HEADER = b"@rackdesk-facts "
VERSION = 1
OUTPUT_LIMIT = 262144
"""Bytes of stdout the script passes on of one section."""

_NAME = r"[a-z][a-z0-9_]{0,40}"
_BEGIN = re.compile(rf"@begin ({_NAME})")
_END = re.compile(rf"@end ({_NAME}) ([0-9]{{0,3}})")
_ABSENT = re.compile(rf"@absent ({_NAME}) (.{{1,200}})")
_NEEDS_ROOT = re.compile(rf"@needs-root ({_NAME})")


@dataclass(frozen=True, slots=True)
class Section:
    """One section. `state` is read, absent (`errors` names what), needs_root or cut; `exit_code` None if unknown."""

    name: str
    state: str = "read"
    output: str = ""
    errors: str = ""
    exit_code: int | None = None


@dataclass(slots=True)
class Frames:
    """All sections by name (the first of a name counts), and whether the script came to its end."""

    sections: dict[str, Section] = field(default_factory=dict)
    damage: list[Words] = field(default_factory=list)
    finished: bool = False

    def add(self, section: Section) -> None:
        """Take a section in; a second one of the same name is damage."""
        if section.name in self.sections:
            self.damage.append(
                words(gettext_noop("Section %(section)s came twice; the first was kept."), section=section.name)
            )
            return
        self.sections[section.name] = section


@dataclass(slots=True)
class _Open:
    name: str
    output: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def closed(self, state: str = "read", exit_code: int | None = None) -> Section:
        return Section(self.name, state, "\n".join(self.output), "\n".join(self.errors).strip("\n"), exit_code)


def has_header(data: bytes) -> bool:
    """Whether the facts script printed this."""
    return data.startswith(HEADER) or b"\n" + HEADER in data


def frames(data: bytes) -> Frames:
    """The sections of a report, as far as they can be read.

    Raises UnreadableFacts where there is no header at all, or one of a version this panel does not know.
    """
    if not has_header(data):
        raise UnreadableFacts(
            words(
                gettext_noop(
                    "This is not a host report: its first line is missing. Nothing was kept; let the script "
                    "print it again."
                )
            )
        )
    start = 0 if data.startswith(HEADER) else data.index(b"\n" + HEADER) + 1
    text = data[start:].decode("utf-8", "replace").replace("\0", "\ufffd")
    lines = text.split("\n")
    version = lines[0].removeprefix(HEADER.decode()).strip("\r ")
    if version != str(VERSION) and len(lines) > 1:
        raise UnreadableFacts(
            words(
                gettext_noop(
                    "This host report has version %(version)s; this panel reads version %(ours)s. Nothing was kept."
                ),
                version=repr(version[:20]),
                ours=VERSION,
            )
        )
    found = Frames()
    if data[:start].strip():
        found.damage.append(words(gettext_noop("Text before the report was passed over.")))
    _Reader(found).read(iter(lines[1:-1]), unfinished=lines[-1] if len(lines) > 1 else "")
    return found


class _Reader:
    """Goes over the lines once; `open` is the section they belong to."""

    def __init__(self, found: Frames) -> None:
        self.found = found
        self.open: _Open | None = None
        self.strange = 0

    def read(self, lines: Iterator[str], *, unfinished: str) -> None:
        for line in lines:
            self.take(line.removesuffix("\r"))
        self.close_cut()
        if self.strange:
            self.found.damage.append(
                words(
                    gettext_noop("%(count)s lines that belong to no tool were passed over."),
                    count=self.strange,
                )
            )
        if not self.found.finished:
            self.found.damage.append(words(gettext_noop("The report was cut off; what came before was kept.")))
        elif unfinished.strip():
            self.found.damage.append(words(gettext_noop("Text after the report was passed over.")))

    def take(self, line: str) -> None:
        if not line:
            return
        if line[0] == "@":
            self.take_frame(line)
        elif self.open is None or line[0] not in "|!":
            self.strange += 1
        elif line[0] == "|":
            self.open.output.append(line[1:])
        else:
            self.open.errors.append(line[1:])

    def take_frame(self, line: str) -> None:
        if match := _BEGIN.fullmatch(line):
            self.close_cut()
            self.open = _Open(match[1])
        elif (match := _END.fullmatch(line)) and self.open is not None and self.open.name == match[1]:
            self.found.add(self.open.closed(exit_code=int(match[2]) if match[2] else None))
            self.open = None
        elif match := _ABSENT.fullmatch(line):
            self.found.add(Section(match[1], "absent", errors=match[2]))
        elif match := _NEEDS_ROOT.fullmatch(line):
            self.found.add(Section(match[1], "needs_root"))
        elif line == "@finish":
            self.close_cut()
            self.found.finished = True
        else:
            self.strange += 1

    def close_cut(self) -> None:
        """A section without its end: what came is kept, as cut."""
        if self.open is not None:
            self.found.add(self.open.closed(state="cut"))
            self.open = None
