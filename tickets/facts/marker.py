"""The line above which a customer writes his answer: how it looks and how it is found again."""

from __future__ import annotations

import re

REPLY_LINE_START = "##- "
REPLY_LINE_END = " -##"
"""Our reply line is START + a sentence in the reader's language + END, so that it is found in every language."""

REPLY_LINE = re.compile(r"##-\s[^\r\n#]{0,200}\s-##")
