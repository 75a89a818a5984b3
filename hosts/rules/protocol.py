"""Events of a running change in, the steps and log lines to keep out: merged, numbered and bounded. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from hosts.choices import StepState
from hosts.facts.change import OutputEvent, StepEvent

MOST_LINES = 20_000
LONGEST_LINE = 4_000
LEFT_OUT = "[more output than is kept; the rest was left out]"


@dataclass(slots=True)
class KeptStep:
    """A step as it stands: `started` is seconds since the epoch, `seconds` None while it runs."""

    name: str
    state: str
    started: float
    seconds: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class KeptLine:
    """One log line; `number` counts from 1 over the whole change."""

    number: int
    at: float
    step: str
    text: str


@dataclass(slots=True)
class Progress:
    """What was kept of one change so far. `starts_over` asks the writer to drop what an earlier worker had kept."""

    starts_over: bool = False
    steps: dict[str, KeptStep] = field(default_factory=dict)
    lines: int = 0
    step: str = ""
    rest: str = ""

    def take(self, events: Iterable[StepEvent | OutputEvent]) -> tuple[list[KeptStep], list[KeptLine]]:
        """The steps that changed and the lines that are new."""
        touched: dict[str, KeptStep] = {}
        lines: list[KeptLine] = []
        for event in events:
            if isinstance(event, OutputEvent):
                lines += self._lines(event)
            else:
                lines += self._rest(event.at)
                touched[event.name] = self._step(event)
        return list(touched.values()), lines

    def finish(self, at: float) -> list[KeptLine]:
        """The last line, where it had no newline."""
        return self._rest(at)

    def _step(self, event: StepEvent) -> KeptStep:
        known = self.steps.get(event.name)
        if event.state == StepState.RUNNING or known is None:
            known = self.steps[event.name] = KeptStep(event.name, event.state, event.at)
            self.step = event.name
        known.state = event.state
        known.note = event.note or known.note
        if event.state != StepState.RUNNING:
            known.seconds = max(0.0, round(event.at - known.started, 3))
        return known

    def _lines(self, event: OutputEvent) -> list[KeptLine]:
        *whole, self.rest = (self.rest + event.text).split("\n")
        if len(self.rest) > LONGEST_LINE:
            whole, self.rest = [*whole, self.rest], ""
        return [line for text in whole for line in self._line(event.at, text)]

    def _rest(self, at: float) -> list[KeptLine]:
        text, self.rest = self.rest, ""
        return self._line(at, text) if text else []

    def _line(self, at: float, text: str) -> list[KeptLine]:
        if self.lines >= MOST_LINES:
            return []
        self.lines += 1
        if self.lines == MOST_LINES:
            text = LEFT_OUT
        return [KeptLine(self.lines, at, self.step, text[:LONGEST_LINE].replace("\0", "␀"))]
