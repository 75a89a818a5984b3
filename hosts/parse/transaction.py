"""Bytes that a transaction on a host prints, in any pieces, in; what happened, and how it ended, out."""

from __future__ import annotations

import re
from codecs import getincrementaldecoder

from hosts.choices import StepState
from hosts.facts.change import Outcome, OutputEvent, StepEvent
from hosts.parse.reasons import said, sentence

Event = StepEvent | OutputEvent

# Everything below blank but newline and tab, and DEL: shown as pictures (U+2400...), so that a log cannot draw.
_VISIBLE = {code: 0x2400 + code for code in range(32) if code not in (9, 10, 13)} | {127: 0x2421, 13: None}


class TransactionReader:
    """Reads what `render.transaction.start_line` and `find_line` print.

    The host puts each of its own lines between `\\n` and `\\n`, marked with the change's id; all else is output
    of commands. `feed` gives the events that are certain by now, the same ones however the bytes are cut.
    `log_bytes` is the place in the host's log up to which that is: reading may go on from there.
    `outcome` is None until the host has told the end; `is_unknown` says that it never got this change.
    """

    def __init__(self, order_id: str, *, offset: int = 0) -> None:
        self.log_bytes = offset
        self.outcome: Outcome | None = None
        self.is_unknown = False
        self.is_confirmed = False
        self.at = 0.0
        self._mark = f"\n@{order_id} ".encode()
        self._held = b""
        self._in_log = False
        self._after_output = False
        self._decoder = getincrementaldecoder("utf-8")("replace")

    def feed(self, piece: bytes) -> list[Event]:
        """The events that this piece completes."""
        self._held += piece
        events: list[Event] = []
        while (start := self._held.find(self._mark)) >= 0:
            end = self._held.find(b"\n", start + len(self._mark))
            if end < 0:
                break
            events += self._output(self._held[:start], final=True)
            events += self._record(self._held[start + len(self._mark) : end], end + 1 - start)
            self._held = self._held[end + 1 :]
        return events + self._certain(start)

    def _certain(self, start: int) -> list[Event]:
        """Output up to where one of the host's own lines begins, or might."""
        if start < 0:
            start = len(self._held) - _overlap(self._held, self._mark)
        events = self._output(self._held[:start], final=False)
        self._held = self._held[start:]
        return events

    def _output(self, raw: bytes, *, final: bool) -> list[Event]:
        text = self._decoder.decode(raw, final=final)
        if not self._in_log:
            return []
        waiting = len(self._decoder.getstate()[0])
        self.log_bytes += len(raw) + self._undecoded - waiting
        self._undecoded = waiting
        return [OutputEvent(text.translate(_VISIBLE), self.at)] if text else []

    _undecoded = 0

    def _record(self, raw: bytes, size: int) -> list[Event]:
        key, _, rest = raw.decode("ascii", "replace").partition(" ")
        match key:
            case "log":
                self._in_log, self.log_bytes = True, _number(rest)
            case "unknown":
                self.is_unknown = True
            case "confirmed":
                self.is_confirmed = True
            case "end":
                self.outcome = outcome(raw.partition(b" ")[2], self.log_bytes)
            case _:
                self.log_bytes += size
                return self._event(key, raw.partition(b" ")[2])
        return []

    def _event(self, at: str, raw: bytes) -> list[Event]:
        self.at = _seconds(at, self.at)
        kind, *fields = raw.split(b" ")
        match kind.decode("ascii", "replace"), fields:
            case "step", [name, state, *_]:
                return [StepEvent(_text(name), _text(state), self.at)]
            case "command", [label]:
                return [OutputEvent(f"$ {untoken(label)}\n".translate(_VISIBLE), self.at)]
            case "left_out", [count]:
                return [OutputEvent(f"\n[… {_text(count)} bytes left out …]\n", self.at)]
            case "still_new", [path]:
                return [OutputEvent(f"! {untoken(path)}\n".translate(_VISIBLE), self.at)]
            case "recovered", [other]:
                return [StepEvent("lock", StepState.RUNNING, self.at, f"{_text(other)}")]
        return []


def outcome(raw: bytes, log_bytes: int) -> Outcome:
    """`STATE STEP REASON SUBJECT AFTERMATH SUBJECT DETAIL .`, as the host wrote it down, in words."""
    fields = raw.removesuffix(b".").split(b" ", 6)
    state, step, reason, subject, after, after_subject, detail = (*fields, *[b""] * (7 - len(fields)))
    explained = sentence(
        _text(state), _text(reason), _named(subject), _text(after), _named(after_subject), said(detail)
    )
    return Outcome(_text(state), _text(step), explained, log_bytes)


def untoken(token: bytes) -> str:
    """The word that `render.transaction.tokens.token` made printable."""
    if token == b"\\c":
        return ""
    plain = re.sub(rb"\\0([0-7]{3})", lambda odd: bytes([int(odd.group(1), 8) & 255]), token)
    return plain.decode("utf-8", "replace")


def _named(token: bytes) -> str:
    return "" if token == b"-" else untoken(token)


def _overlap(held: bytes, mark: bytes) -> int:
    """How many bytes at the end of `held` might be the beginning of `mark`."""
    for length in range(min(len(held), len(mark) - 1), 0, -1):
        if held.endswith(mark[:length]):
            return length
    return 0


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _seconds(text: str, otherwise: float) -> float:
    return float(text) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]+)?", text) else otherwise


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
