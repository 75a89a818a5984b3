"""The JSON of a request in, its value out; what no database can keep is refused here, for all of the API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

_SUSPECT = re.compile(rb"\\u(?:0000|d[89a-f])", re.IGNORECASE)
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


class TextJSONParser(JSONParser):
    """JSON whose texts are texts: without NULs, which PostgreSQL refuses, and without halves of letters, which no
    encoding has. Both can only be written as \\u and four digits, so that other requests are not looked through.
    """

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        data = stream.read()
        try:
            value = super().parse(BytesIO(data), media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        if _SUSPECT.search(data) and _has_no_text(value):
            raise ParseError(_("A text has a NUL or half a letter in it (\\u0000, \\ud800 to \\udfff alone)."))
        return value


def _has_no_text(value: Any) -> bool:
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            if _NO_TEXT.search(one):
                return True
        elif isinstance(one, dict):
            left += [*one, *one.values()]
        elif isinstance(one, list):
            left += one
    return False
