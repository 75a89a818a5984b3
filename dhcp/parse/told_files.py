"""What the programs for lease files and log files print in, piece by piece; their lines and the files' bytes out.

All is between the lines "rackdesk dhcp" and "done", so that what a login shell prints, or a line that broke, is seen.
"""

from __future__ import annotations

from collections.abc import Iterator

BEGIN = b"rackdesk dhcp"
_LONGEST = 1 << 20

Line = tuple[str, ...]


class ToldFiles:
    """`feed` what comes. A tuple is a line's words, bytes are a piece of the file's content of the last `data` line."""

    def __init__(self) -> None:
        self._rest = b""
        self._begun = False
        self._wanted = 0
        self.done = False

    def feed(self, data: bytes) -> Iterator[Line | bytes]:
        """ValueError where it is nothing that the program prints."""
        self._rest += data
        while self._rest:
            if self._wanted:
                piece, self._rest = self._rest[: self._wanted], self._rest[self._wanted :]
                self._wanted -= len(piece)
                yield piece
                continue
            line, end, rest = self._rest.partition(b"\n")
            if not end:
                if len(line) > _LONGEST:
                    raise ValueError("a line without end")
                return
            self._rest = rest
            yield from self._line(line)

    def _line(self, line: bytes) -> Iterator[Line]:
        if not self._begun:
            self._begun = line == BEGIN
        elif line == b"done":
            self.done = True
        elif line:
            words = tuple(line.decode("utf-8", "replace").split(" "))
            if words[0] == "data":
                self._wanted = int(words[-1])
            yield words
