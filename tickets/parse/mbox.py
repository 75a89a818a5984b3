"""A file of mails (mbox or a single mail) to the raw bytes of each mail."""

from __future__ import annotations

import re
from collections.abc import Iterator

# "From sender Thu May  3 12:04:29 2012" after a blank line; a sentence that begins with "From " has no such date.
_SEPARATOR = re.compile(
    rb"(?:\A|\n\r?\n)(From \S+ +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) +[A-Z][a-z]{2} +\d{1,2} +"
    rb"\d{1,2}:\d{2}(?::\d{2})?[^\r\n]{0,20} \d{4}[^\r\n]{0,10}\r?\n)"
    rb"(?=[!-9;-~]{1,100}:)"
)


def mails_in(data: bytes) -> Iterator[bytes]:
    """Each mail of an mbox without its "From " line; a file that does not begin with such a line is one mail."""
    if not data.startswith(b"From "):
        yield data
        return
    starts = list(_SEPARATOR.finditer(data))
    if not starts:
        yield data
        return
    ends = [*(match.start() for match in starts[1:]), len(data)]
    for match, end in zip(starts, ends, strict=True):
        yield data[match.end(1) : max(end, match.end(1))]
