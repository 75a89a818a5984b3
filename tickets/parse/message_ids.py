"""Header values to Message-IDs without their angle brackets."""

from __future__ import annotations

import re

from tickets.parse.encoded_words import decoded_value

MAX_IDS = 200
_IN_BRACKETS = re.compile(r"<([^<>]{1,998})>")
_BARE = re.compile(r"[^\s<>,;\"()]{1,998}@[^\s<>,;\"()]{1,255}")


def message_ids(value: bytes) -> tuple[str, ...]:
    """The ids of a raw value in order, each once; where there are too many, the first and the newest of them.

    Line breaks that a program put inside an id are taken out. Without any brackets, words with an @ count.
    """
    text = decoded_value(value)
    found = [re.sub(r"\s", "", one) for one in _IN_BRACKETS.findall(text)] or _BARE.findall(text)
    ids = list(dict.fromkeys(one for one in found if one))
    return tuple(ids if len(ids) <= MAX_IDS else ids[:1] + ids[-MAX_IDS + 1 :])


def first_message_id(value: bytes) -> str:
    """The first id of a raw value, the whole value where it has neither brackets nor an @, "" for none."""
    ids = message_ids(value)
    return ids[0] if ids else decoded_value(value).strip("<> ")[:998]
