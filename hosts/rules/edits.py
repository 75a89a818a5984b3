"""A live file in, the file with a small edit out; every other byte stays as it was."""

from __future__ import annotations


def with_line(content: bytes, line: str) -> bytes:
    """`content` with `line` in it once: as it is where the line is there already (ends of lines and blanks aside)."""
    wanted = line.strip().encode()
    if any(existing.strip() == wanted for existing in content.splitlines()):
        return content
    if content and not content.endswith(b"\n"):
        content += b"\n"
    return content + wanted + b"\n"
