"""Reports of mail servers (RFC 3464 and those older or worse) to a Bounce: who, why, and which mail of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tickets.facts.mail import Address, Bounce, BouncedRecipient, MailAttachment
from tickets.parse.encoded_words import decoded_value
from tickets.parse.headers import fields_of, header_bounds
from tickets.parse.message_ids import first_message_id, message_ids

_ROBOT = re.compile(
    r"(?:mailer-daemon|mail-daemon|postmaster|mailerdaemon|mail\.delivery|bounces?)(?:@|\Z)", re.IGNORECASE
)
_SUBJECT = re.compile(
    r"undeliver(?:able|ed)|delivery (?:status notification|failure|has failed|report|notification)|returned mail"
    r"|mail delivery (?:failed|failure|system)|failure notice|delivery (?:delayed|incomplete)|could not be delivered"
    r"|non[- ]?remis|unzustellbar|nicht zugestellt|zustell(?:ung|fehler)"
    r"|반송|배달\s?(?:되지|불가|실패|상태)|전송\s?실패"
    r"|发送失败|退信|配信不能|配信できません|no se puede entregar|mancata consegna",
    re.IGNORECASE,
)
_DELAY = re.compile(r"delay|will (?:keep trying|be retried)|지연|verzöger", re.IGNORECASE)
_STATUS = re.compile(r"(?<![\w.])([245]\.\d{1,3}\.\d{1,3})(?!\w|\.\d)")
_REPLY_CODE = re.compile(r"\b([45])\d\d[ -]")
_ROBOTS = r"(?:postmaster|mailer-daemon|mail-daemon|abuse)"
_ADDRESS = r"[^\s<>()\[\]\",;:]{1,64}@[^\s<>()\",;:]{1,255}"
_STYLES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("qmail", re.compile(rf"^<({_ADDRESS})>:[ \t]*\n", re.MULTILINE)),
    ("postfix", re.compile(rf"^<({_ADDRESS})>:? ", re.MULTILINE)),
    ("exim", re.compile(rf"^  ({_ADDRESS})[ \t]*\n[ \t]{{3,}}\S", re.MULTILINE)),
    (
        "exchange",
        re.compile(
            rf"^[ \t]*(?:'[^'\n]{{0,100}}' )?<?({_ADDRESS})>?(?: \([^)\n]{{0,100}}\))?[ \t]*(?:on |$)", re.MULTILINE
        ),
    ),
    ("text", re.compile(rf"<({_ADDRESS})>")),
    (
        "words",
        re.compile(rf"(?<![\w.@<])(?!{_ROBOTS}@)([\w.+=-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,8}})", re.I),
    ),
)
_ORIGINAL = re.compile(
    r"^[ \t]*(?:-{2,}\s*(?:below this line is a copy of the message|this is a copy of (?:the|your) message"
    r"|original message|the header of|undelivered message)"
    r"|(?:possibly truncated )?original message (?:follows|headers)|원본 메시지)[^\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
_TRANSCRIPT = re.compile(
    r"^[ \t]*-{2,}\s*(?:transcript of session|session transcript)[^\n]*$", re.IGNORECASE | re.MULTILINE
)
_MAX_RECIPIENTS = 100


def bounce(
    sender: Address,
    subject: str,
    headers: tuple[tuple[str, str], ...],
    content_type: str,
    text: str,
    attachments: Iterable[MailAttachment],
) -> Bounce | None:
    """What a report says; None for a mail that is none. `content_type` is the whole value of the mail's own header."""
    files = list(attachments)
    own = _own_addresses(sender, headers)
    status = next(
        (file for file in files if file.type in {"message/delivery-status", "message/global-delivery-status"}), None
    )
    if status is not None:
        recipients = tuple(_dsn_recipients(status.data))
        if recipients and all(one.action in {"delivered", "relayed", "expanded"} for one in recipients):
            return None
        return _bounce(recipients or tuple(_text_recipients(text, subject, own)[0]), files, text, "dsn")
    if not _looks_like_one(sender, subject, headers, content_type):
        return None
    recipients, style = _text_recipients(text, subject, own)
    failed = next((value for key, value in headers if key == "x-failed-recipients"), "")
    named = tuple(BouncedRecipient(one, "failed") for one in re.findall(_ADDRESS, failed)[:_MAX_RECIPIENTS])
    if named and style == "words":
        recipients = named
    return _bounce(recipients or named, files, text, style if recipients else "subject")


def _own_addresses(sender: Address, headers: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """Whom the report is from and to: a report names them too, and they did not fail."""
    told = " ".join(value[:10_000] for key, value in headers if key in {"to", "delivered-to", "x-original-to"})
    return frozenset({sender.email.lower(), *(one.lower() for one in re.findall(_ADDRESS, told)[:_MAX_RECIPIENTS])})


def _looks_like_one(sender: Address, subject: str, headers: tuple[tuple[str, str], ...], content_type: str) -> bool:
    """A report without a machine-readable part needs two signs, because people write about returned mail too."""
    names = {key for key, _ in headers}
    if "x-failed-recipients" in names or "delivery-status" in content_type:
        return True
    null_sender = ("return-path", "<>") in headers or ("return-path", "<MAILER-DAEMON>") in headers
    signs = (_ROBOT.match(sender.email) is not None, null_sender, _SUBJECT.search(subject[:300]) is not None)
    return sum(signs) >= 2


def _bounce(recipients: tuple[BouncedRecipient, ...], files: list[MailAttachment], text: str, style: str) -> Bounce:
    original = next(
        (file for file in files if file.type in {"message/rfc822", "text/rfc822-headers", "message/global"}), None
    )
    data = original.data[:262144] if original else _quoted_original(text)
    start, end, _ = header_bounds(data)
    fields = fields_of(data[start:end])
    return Bounce(
        recipients=recipients,
        original_message_id=first_message_id(fields.first("message-id")),
        original_references=message_ids(fields.first("in-reply-to") + b" " + fields.first("references")),
        original_subject=decoded_value(fields.first("subject")),
        style=style,
    )


def _quoted_original(text: str) -> bytes:
    """The header of the returned mail that stands in the text, as qmail and Exim write it."""
    found = _ORIGINAL.search(text)
    return text[found.end() : found.end() + 65536].lstrip("\n ").encode() if found else b""


def _dsn_recipients(data: bytes) -> Iterator[BouncedRecipient]:
    """The groups of fields after the first, one for each recipient (RFC 3464, 2.3)."""
    groups = re.split(rb"\n[ \t]*\n", data.replace(b"\r\n", b"\n")[:262144].strip())
    for group in groups[: _MAX_RECIPIENTS + 1]:
        fields = fields_of(group + b"\n")
        email = _typed(fields.first("original-recipient")) or _typed(fields.first("final-recipient"))
        if not email:
            continue
        diagnostic = _typed(fields.first("diagnostic-code"))
        status = _STATUS.search(decoded_value(fields.first("status"))) or _STATUS.search(diagnostic)
        action = decoded_value(fields.first("action")).lower() or "failed"
        yield BouncedRecipient(email, action, status.group(1) if status else "", diagnostic[:1000])


def _typed(value: bytes) -> str:
    """The part after "rfc822;" or "smtp;" of a typed field."""
    text = decoded_value(value)
    return (
        text.rpartition(";")[2].strip(" <>")
        if re.match(r"[\w.-]{1,40}\s*;", text) and "@" in text
        else text.partition(";")[2].strip() or text
    )


def _text_recipients(text: str, subject: str, own: frozenset[str]) -> tuple[tuple[BouncedRecipient, ...], str]:
    """The addresses that a report in prose names, and the style of report it is."""
    original = _ORIGINAL.search(text)
    whole = text[: original.start() if original else None][:20000]
    transcript = _TRANSCRIPT.search(whole)
    report = whole[: transcript.start() if transcript else None]
    action = "delayed" if _DELAY.search(subject) else "failed"
    for style, pattern in _STYLES:
        matches = [match for match in pattern.finditer(report) if match.group(1).lower() not in own]
        matches = matches[: 1 if style == "words" else _MAX_RECIPIENTS]
        if matches:
            ends = [*(match.start() for match in matches[1:]), len(report)]
            pairs = zip(matches, ends, strict=True)
            told = tuple(_told(match.group(1), report[match.end() : end], action) for match, end in pairs)
            return _with_status(told, whole), style
    return (), "subject"


def _with_status(told: tuple[BouncedRecipient, ...], report: str) -> tuple[BouncedRecipient, ...]:
    """A status that stands anywhere in the report is that of the only recipient it names."""
    if len({one.email.lower() for one in told}) > 1 or any(one.status for one in told):
        return told
    return tuple(replace(one, status=_status(report)) for one in told)


def _status(said: str) -> str:
    status, code = _STATUS.search(said), _REPLY_CODE.search(said)
    return status.group(1) if status else (f"{code.group(1)}.0.0" if code else "")


def _told(email: str, reason: str, action: str) -> BouncedRecipient:
    reason = " ".join(reason.split("\n\n")[0].split())[:1000]
    return BouncedRecipient(email, action, _status(reason), reason)
