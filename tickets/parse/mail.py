"""The raw bytes of one mail to MailFacts, or UnreadableMail; no other exception, in time linear in its size."""

from __future__ import annotations

import re
from itertools import islice

from hosts.facts.words import Words, gettext_noop, words
from tickets.choices import FoldKind
from tickets.errors import UnreadableMail
from tickets.facts.mail import Address, Fold, MailFacts
from tickets.parse.addresses import addresses
from tickets.parse.automatic import automatic
from tickets.parse.bodies import Body, body_of, uu_attachment
from tickets.parse.bounces import bounce
from tickets.parse.dates import mail_date
from tickets.parse.encoded_words import charsets_named, decoded_value
from tickets.parse.headers import Fields, fields_of, header_bounds
from tickets.parse.message_ids import first_message_id, message_ids
from tickets.parse.mime import part_of, split, with_boundary_that_occurs
from tickets.parse.quotes import text_folds
from tickets.parse.quotes_html import html_folds
from tickets.parse.uuencode import uu_files

SIZE_LIMIT = 200 * 1024 * 1024
HEADER_LIMIT = 1024 * 1024
MAX_HEADERS = 500
MAX_NAMING_PARTS = 20
"""Parts whose charset tells how a header without one is to be read."""
_LOCAL_NAME = re.compile(r"[A-Za-z0-9._+-]{1,64}")
_KNOWN_FIELDS = frozenset(
    {"from", "to", "subject", "date", "received", "message-id", "return-path", "content-type", "mime-version", "sender"}
)


def mail_facts(raw: bytes) -> MailFacts:
    """Everything a mail says. An mbox "From " line in front of it is passed over.

    Raises UnreadableMail where no line can be read as a field of a mail header, or where it is beyond SIZE_LIMIT.
    """
    raw = _with_line_feeds(raw)
    start, end, body_start = header_bounds(raw)
    fields = fields_of(raw[start : min(end, start + HEADER_LIMIT)])
    if not any(name in _KNOWN_FIELDS for name, _ in fields.items):
        raise UnreadableMail(words(gettext_noop("This is not a mail: it has no header. It is kept as it came.")))
    hints = tuple(dict.fromkeys(name for _, value in fields.items[:MAX_HEADERS] for name in charsets_named(value)))
    root = part_of(fields, body_start, len(raw), default="text/plain")
    with_boundary_that_occurs(raw, root)
    whole = split(raw, root)
    body = body_of(raw, root, hints)
    named = (leaf.content_type.parameters.get("charset", "") for leaf in islice(root.leaves(), MAX_NAMING_PARTS))
    hints = (*hints, *dict.fromkeys(name for name in named if name))
    if not whole:
        body.damage.append(words(gettext_noop("The mail ends before its last part does.")))
    return _facts(fields, hints, body)


def _with_line_feeds(raw: bytes) -> bytes:
    if len(raw) > SIZE_LIMIT:
        raise UnreadableMail(
            words(gettext_noop("This mail is larger than %(limit)s MB. It is kept as it came."), limit=SIZE_LIMIT >> 20)
        )
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:  # saved by an editor
        raw = raw.decode("utf-16", "replace").encode("utf-8")
    if b"\r" in raw[:65536] and b"\n" not in raw:
        return raw.replace(b"\r", b"\n")
    return raw


def _facts(fields: Fields, hints: tuple[str, ...], body: Body) -> MailFacts:
    headers = tuple((name, decoded_value(value, hints)) for name, value in fields.items[:MAX_HEADERS])
    sender = _sender(fields, hints)
    subject = decoded_value(fields.first("subject"), hints)
    content_type = decoded_value(fields.first("content-type")).lower()
    report = bounce(sender, subject, headers, content_type, body.text, body.attachments)
    files = uu_files(body.text)
    uu_folds = tuple(Fold(file.start, file.end, FoldKind.UUENCODE) for file in files)
    in_reply_to = message_ids(fields.first("in-reply-to"))
    return_paths = addresses(fields.first("return-path"), hints)
    return MailFacts(
        sender=sender,
        to=_mailboxes(fields, "to", hints),
        cc=_mailboxes(fields, "cc", hints),
        reply_to=_mailboxes(fields, "reply-to", hints),
        return_path=return_paths[0] if return_paths else None,
        delivered_to=_delivered_to(fields, hints),
        subject=subject,
        message_id=first_message_id(fields.first("message-id")),
        in_reply_to=in_reply_to[0] if in_reply_to else "",
        references=tuple(dict.fromkeys((*message_ids(fields.first("references")), *in_reply_to[1:]))),
        date=mail_date(decoded_value(fields.first("date"))),
        text=body.text,
        html=body.html,
        folds=text_folds(body.text, uu_folds),
        html_folds=html_folds(body.html),
        attachments=(*body.attachments, *(uu_attachment(file.name, file.data) for file in files)),
        automatic=automatic(headers, subject, bounced=report is not None),
        bounce=report,
        headers=headers,
        damage=(*_sender_damage(sender), *body.damage),
    )


def _mailboxes(fields: Fields, name: str, hints: tuple[str, ...]) -> tuple[Address, ...]:
    """The mailboxes of all fields called `name`; groups without members ("undisclosed-recipients:;") are none."""
    found = (one for value in fields.all(name)[:20] for one in addresses(value, hints))
    return tuple(one for one in found if "@" in one.email)


def _delivered_to(fields: Fields, hints: tuple[str, ...]) -> tuple[Address, ...]:
    """Where the mail was brought to, by the headers that servers add: tells an alias or a Bcc."""
    names = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
    return tuple(dict.fromkeys(one for name in names for one in _mailboxes(fields, name, hints)))


def _sender(fields: Fields, hints: tuple[str, ...]) -> Address:
    """The first mailbox of From that has an address, or a local name (MAILER-DAEMON); else Reply-To, Sender or
    Return-Path as they stand: a name is not taken from one header and its address from another.
    """
    written = [one for value in fields.all("from")[:20] for one in addresses(value, hints, trust_comments=True)]
    local = [one for one in written if _LOCAL_NAME.fullmatch(one.email)]
    others = (one for name in ("reply-to", "sender", "return-path") for one in _mailboxes(fields, name, hints))
    for one in (*(one for one in written if "@" in one.email), *local, *others, *written):
        return one
    return Address("")


def _sender_damage(sender: Address) -> tuple[Words, ...]:
    if sender.usable:
        return ()
    return (words(gettext_noop("The sender has no address that mail can be sent to.")),)
