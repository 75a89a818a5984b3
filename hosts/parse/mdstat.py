"""/proc/mdstat to arrays (drivers/md/md.c, md_seq_show)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from hosts.facts.hardware import ArrayMember, MdArray
from hosts.parse.reading import decimal, whole

_HEAD = re.compile(r"(\S+) : (active|inactive|broken|clear)(?: \((read-only|auto-read-only)\))?(?: (.*))?")
_MEMBER = re.compile(r"([^\s\[\]]+)\[(\d+)\]((?:\([A-Z]\))*)")
_SIZE = re.compile(r"\s*(\d+) blocks(.*)")
_COUNT = re.compile(r"\[(\d+)/(\d+)\]")
_MARKS = re.compile(r"\[([U_]+)\]")
_SUPER = re.compile(r"super (\S+)")
_ACTION = re.compile(r"\s*(?:\[[=>.]*\])?\s*(resync|recovery|reshape|check|repair)\s*=\s*(.*)")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)%")
_FINISH = re.compile(r"finish=(\d+(?:\.\d+)?)min")
_SPEED = re.compile(r"speed=(\d+)K/sec")
_MEMBER_STATES = {"F": "faulty", "S": "spare", "W": "write-mostly", "J": "journal", "R": "replacement"}


def mdstat(text: str) -> tuple[MdArray, ...]:
    """The arrays in the order of the file. Lines that belong to none ("Personalities", "unused devices") are left."""
    return tuple(_array(head, rest) for head, rest in _blocks(text))


def _blocks(text: str) -> Iterator[tuple[re.Match[str], list[str]]]:
    head: re.Match[str] | None = None
    rest: list[str] = []
    for line in text.splitlines():
        match = _HEAD.fullmatch(line.rstrip()) if not line[:1].isspace() else None
        if match or line.startswith(("Personalities", "unused devices")):
            if head:
                yield head, rest
            head, rest = match, []
        elif head:
            rest.append(line)
    if head:
        yield head, rest


def _array(head: re.Match[str], rest: list[str]) -> MdArray:
    words = (head[4] or "").split()
    level = words[0] if words and not _MEMBER.fullmatch(words[0]) else ""
    access = head[3] or ""
    if level in {"(read-only)", "(auto-read-only)"}:
        access, level = level.strip("()"), words[1] if len(words) > 1 else ""
    array = MdArray(
        name=head[1],
        state=head[2],
        level=level,
        access=access,
        members=tuple(_member(match) for word in words if (match := _MEMBER.fullmatch(word))),
    )
    for line in rest:
        array = _with_line(array, line)
    return array


def _member(match: re.Match[str]) -> ArrayMember:
    letters = re.findall(r"[A-Z]", match[3])
    states = [_MEMBER_STATES.get(letter, letter) for letter in letters]
    # A faulty disk may carry other marks as well; that it is faulty is what counts.
    state = "faulty" if "faulty" in states else next(iter(states), "active")
    return ArrayMember(device=match[1], slot=whole(match[2]), state=state)


def _with_line(array: MdArray, line: str) -> MdArray:
    if match := _SIZE.fullmatch(line):
        return _with_size(array, match)
    if match := _ACTION.fullmatch(line):
        return _with_action(array, match[1], match[2])
    if line.strip().startswith("bitmap:"):
        return replace(array, bitmap=True)
    return array


def _with_size(array: MdArray, match: re.Match[str]) -> MdArray:
    count = _COUNT.search(match[2])
    marks = _MARKS.search(match[2])
    super_version = _SUPER.search(match[2])
    return replace(
        array,
        size_kib=whole(match[1]) or 0,
        metadata=super_version[1] if super_version else array.metadata,
        wanted=whole(count[1]) if count else None,
        working=whole(count[2]) if count else None,
        marks=marks[1] if marks else "",
    )


def _with_action(array: MdArray, action: str, rest: str) -> MdArray:
    percent, finish, speed = _PERCENT.search(rest), _FINISH.search(rest), _SPEED.search(rest)
    waiting = re.match(r"(DELAYED|PENDING|REMOTE)", rest.strip())
    return replace(
        array,
        action=action,
        action_state=waiting[1].lower() if waiting else "running",
        progress_percent=decimal(percent[1]) if percent else None,
        finish_minutes=decimal(finish[1]) if finish else None,
        speed_kib_per_second=whole(speed[1]) if speed else None,
    )
