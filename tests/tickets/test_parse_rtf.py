"""The RTF that Outlook sends inside TNEF, packed and not."""

from __future__ import annotations

import struct

import pytest

from tests.tickets.mail_files import mail
from tickets.parse.rtf import rtf_body, uncompressed

# The first example of MS-OXRTFCP, 3.1.
PACKED = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a0072637067313235423"
    "20af32068656c090020627705b06c647d0a800fa0"
)  # fmt: skip
# The second: a text that repeats what it has just written.
OVERLAPPING = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")


@pytest.mark.parametrize(
    ("data", "rtf"),
    [
        (PACKED, rb"{\rtf1\ansi\ansicpg1252\pard hello world}" + b"\r\n"),
        (OVERLAPPING, rb"{\rtf1 WXYZWXYZWXYZWXYZWXYZ}"),
        (struct.pack("<II4sI", 20, 8, b"MELA", 0) + b"{\\rtf1 }", b"{\\rtf1 }"),
        (b"", b""),
        (b"\0" * 40, b""),
    ],
    ids=["packed", "overlapping itself", "not packed", "nothing", "something else"],
)
def test_packed_rtf_is_unpacked(data: bytes, rtf: bytes) -> None:
    assert uncompressed(data) == rtf


@pytest.mark.parametrize(
    ("rtf", "text"),
    [
        (rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}one\par two\tab\{3\}}", "one\ntwo\t{3}"),
        (rb"{\rtf1\ansi\ansicpg949 \'c7\'d1\'b1\'db}", "한글"),
        (rb"{\rtf1\ansi\uc1 \u54620?\u-10179?\u-8704?}", "한😀"),
        (rb"{\rtf1 a{\*\generator x;}b{\pict 00ff}c", "abc"),
        (rb"{\rtf1 \ldblquote a\rdblquote\~b", "“a”\u00a0b"),
    ],
    ids=["structure", "code page", "unicode", "what is not shown", "signs"],
)
def test_the_text_of_rtf_is_read(rtf: bytes, text: str) -> None:
    assert rtf_body(rtf) == (text, "")


def test_html_that_was_wrapped_in_rtf_is_html_again() -> None:
    rtf = rb"{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 1 < 2\htmlrtf\par}\htmlrtf0{\*\htmltag72 </p>}}"
    assert rtf_body(rtf) == ("", "<p>1 &lt; 2</p>")


def test_a_mail_that_has_its_text_only_as_rtf_in_tnef_is_read() -> None:
    value = struct.pack("<IHHII", 1, 0x102, 0x1009, 1, len(PACKED)) + PACKED + b"\0" * (-len(PACKED) % 4)
    tnef = struct.pack("<IH", 0x223E9F78, 1) + struct.pack("<BII", 1, 0x69003, len(value)) + value + b"\0\0"
    facts = mail("Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: binary\n", tnef)
    assert (facts.text, [file.name for file in facts.attachments]) == ("hello world", ["winmail.dat"])
