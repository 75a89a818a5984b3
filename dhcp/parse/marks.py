"""How far a file was read, told in a way by which it is known again: bytes before a place in, their digest out."""

from __future__ import annotations

import hashlib


def digest(start: int, found: bytes, born: str = "0") -> str:
    """Of the bytes from `start` to the mark; `born` tells files of the same name apart (when it was made), "0" unknown.

    Of a file that ends before the mark it is that of fewer bytes, and so another one.
    """
    prefix = b"" if born == "0" else f"{born} ".encode()
    return hashlib.sha256(prefix + b"%d %d " % (start, len(found)) + found).hexdigest()
