"""The text of a managed file in, the text for a host out, and nothing of it executed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts.errors import RenderError
from hosts.rules.variables import filled, names

VALUES = {"host.name": "xen01", "host.address": "192.0.2.1", "var.NAME": "한글 {{ host.name }}", "host.site": ""}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"Welcome to {{ host.name }}!\n", b"Welcome to xen01!\n"),
        (b"{{host.name}}{{\thost.address }}", b"xen01192.0.2.1"),
        (b"site={{ host.site }};", b"site=;"),
        (b"{{ var.NAME }}", "한글 {{ host.name }}".encode()),
        (b'{{ "{{" }} x {{ "}}" }}', b"{{ x }}"),
        (b"{{ '{{' }}{{ '}}' }}", b"{{}}"),
        (b"{{ raw }}{{ .Values.x }} {{ endraw }}{{ host.name }}", b"{{ .Values.x }} xen01"),
        (b"\xff\xfe{{ host.name }}\x00\r\n", b"\xff\xfexen01\x00\r\n"),
        (b"a }} b { c { {", b"a }} b { c { {"),
    ],
    ids=["one", "without blanks", "empty value", "a value is not filled again", "braces", "braces in single quotes",
         "raw", "not UTF-8", "closing braces alone"],
)  # fmt: skip
def test_variables_are_filled_and_all_else_stays(content: bytes, expected: bytes) -> None:
    assert filled(content, VALUES) == expected


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a\nb\n{{ host.nam }}", r"Line 3: the variable “host.nam” .* Did you mean “host.name”"),
        (b"{{ host.name", r"Line 1: .*not closed"),
        (b"\n{{ }}", r"Line 2: .*no variable"),
        (b"{{ host.name | upper }}", r"no variable"),
        (b"{{ ''.__class__ }}", r"no variable"),
        (b"{{ host.__class__ }}", r"not known"),
        (b"{{ raw }} x", r"endraw"),
        (b"{{ h\xffst }}", r"no variable"),
    ],
    ids=["unknown", "not closed", "empty", "a filter", "an attribute", "an inner name", "raw without end", "not UTF-8"],
)
def test_what_cannot_be_filled_is_told_with_its_line(content: bytes, words: str) -> None:
    with pytest.raises(RenderError, match=words):
        filled(content, VALUES)


def test_the_names_that_a_file_asks_for_are_known_beforehand() -> None:
    assert names(b"{{ host.name }} {{ var.X }} {{ host.name }} {{ raw }}{{ no }}{{ endraw }}") == ("host.name", "var.X")


@given(st.binary(max_size=200))
def test_content_without_variables_is_the_same_byte_for_byte(content: bytes) -> None:
    plain = content.replace(b"{{", b"{")
    assert filled(plain, {}) == plain


@given(st.text(max_size=60))
def test_a_value_is_put_in_as_it_is(value: str) -> None:
    value = value.encode("utf-8", "replace").decode()
    assert filled(b"<{{ var.x }}>", {"var.x": value}) == b"<" + value.encode() + b">"
