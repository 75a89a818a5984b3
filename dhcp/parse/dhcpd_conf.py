"""The text of a dhcpd.conf in, the tree of its statements out, with includes read in their place (dhcpd.conf(5)).

The tree keeps every statement, understood or not, in its place; comments stay with the statement they stand at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dhcp.errors import UnreadableConfig
from dhcp.facts.config import ConfFile, Statement
from dhcp.parse.tokens import Token, tokens
from hosts.facts.words import gettext_noop, words

DEEPEST = 60
_END = Token("", 0)


def dhcpd_conf(text: str, read: Callable[[str], str | None], file: str = "") -> ConfFile:
    """`read` gives the text of an included file, None where it cannot be had. UnreadableConfig with file and line."""
    reader = _Reader(read)
    statements, closing = reader.file(text, file)
    return ConfFile(statements, closing, tuple(reader.missing))


class _Reader:
    def __init__(self, read: Callable[[str], str | None]) -> None:
        self.missing: list[str] = []
        self._read = read
        self._open_files: list[str] = []

    def file(self, text: str, file: str) -> tuple[tuple[Statement, ...], tuple[str, ...]]:
        self._open_files.append(file)
        statements, end = self._block(tokens(text), file, 0)
        self._open_files.pop()
        if end.text == "}":
            raise _unreadable(gettext_noop("A } closes nothing."), file, end.line)
        return statements, tuple(comment for _, comment in end.comments)

    def _block(self, stream: Iterator[Token], file: str, depth: int) -> tuple[tuple[Statement, ...], Token]:
        """The statements up to the closing brace or the end of the file, and the token that ended them."""
        if depth > DEEPEST:
            raise _unreadable(gettext_noop("Blocks are nested too deeply."), file, next(stream, _END).line)
        found: list[Statement] = []
        last_line = 0
        for token in stream:
            if token.comments and token.comments[0][0] == last_line and found:
                found[-1] = _with_remark(found[-1], token.comments[0][1])
                token = Token(token.text, token.line, token.gap, token.comments[1:])
            if token.text in ("}", ""):
                return tuple(found), token
            if token.text == ";":
                last_line = token.line
                continue
            statement, last_line = self._statement(token, stream, file, depth)
            found += self._included(statement, file) if statement.keyword == "include" else [statement]
        return tuple(found), _END

    def _statement(self, first: Token, stream: Iterator[Token], file: str, depth: int) -> tuple[Statement, int]:
        collected, end = _words(first, stream, file)
        comments = tuple(comment for token in [*collected, end] for _, comment in token.comments)
        written = tuple(token.text for token in collected)
        if end.text == ";":
            return Statement(written, _line(collected), None, comments, file=file, line=first.line), end.line
        block, close = self._block(stream, file, depth + 1)
        if close.text != "}":
            raise _unreadable(gettext_noop("A { is never closed."), file, first.line)
        closing = tuple(comment for _, comment in close.comments)
        return Statement(written, _line(collected), block, comments, "", closing, file, first.line), close.line

    def _included(self, statement: Statement, file: str) -> list[Statement]:
        name = statement.words[1].strip('"') if len(statement.words) > 1 else ""
        text = None if name in self._open_files else self._read(name)
        if text is None:
            self.missing.append(name)
            return [statement]
        inner, closing = self.file(text, name)
        if inner and statement.comments:
            head = inner[0]
            inner = (_replaced(head, comments=statement.comments + head.comments), *inner[1:])
        if inner and closing:
            inner = (*inner[:-1], _replaced(inner[-1], comments=inner[-1].comments + closing))
        return list(inner)


def _words(first: Token, stream: Iterator[Token], file: str) -> tuple[list[Token], Token]:
    """The tokens of a statement, and the ; or { that ends its head. Braces of an option's definition belong to it."""
    collected, inner = [first], 0
    if first.text == "{":
        return [], first
    _check_text(first, file)
    for token in stream:
        _check_text(token, file)
        defines = first.lower == "option" and any(each.text == "=" for each in collected)
        if token.text == "{" and not defines:
            return collected, token
        if token.text == ";" and not inner:
            return collected, token
        if token.text == "}" and not inner:
            raise _unreadable(gettext_noop("A ; is missing before the }."), file, token.line)
        if token.text:
            inner += {"{": 1, "}": -1}.get(token.text, 0)
            collected.append(token)
    raise _unreadable(gettext_noop("The statement has no end: a ; is missing."), file, first.line)


def _check_text(token: Token, file: str) -> None:
    if token.text.startswith('"') and (len(token.text) == 1 or not token.text.endswith('"')):
        raise _unreadable(gettext_noop("A text in quotes has no end."), file, token.line)


def _line(collected: list[Token]) -> str:
    out = ""
    for token in collected:
        out += (" " if token.gap and out else "") + token.text
    return out


def _with_remark(statement: Statement, remark: str) -> Statement:
    return _replaced(statement, remark=remark)


def _replaced(statement: Statement, *, comments: tuple[str, ...] | None = None, remark: str = "") -> Statement:
    return Statement(
        statement.words,
        statement.text,
        statement.block,
        statement.comments if comments is None else comments,
        remark or statement.remark,
        statement.closing,
        statement.file,
        statement.line,
    )


def _unreadable(msgid: str, file: str, line: int) -> UnreadableConfig:
    said = words(gettext_noop("%(file)s, line %(line)s: %(why)s"), file=file, line=line, why=words(msgid))
    return UnreadableConfig(said, file=file, line=line)
