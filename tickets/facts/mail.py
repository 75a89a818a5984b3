"""What a mail says, with nothing of it judged: the result of tickets.parse.mail."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from hosts.facts.words import Words
from tickets.choices import AutomaticKind, FoldKind

# RFC 5321 in the form that people have: one @, a dot or an address literal behind it, no spaces or brackets.
_USABLE = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,255}")


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox as it was written. `email` can be "" or broken; `usable` tells whether mail could go there."""

    email: str
    name: str = ""

    @property
    def usable(self) -> bool:
        """Whether `email` has the form local@domain."""
        return len(self.email) <= 254 and _USABLE.fullmatch(self.email) is not None

    @property
    def key(self) -> str:
        """`email` as it is compared: without regard to case."""
        return self.email.casefold()


@dataclass(frozen=True, slots=True)
class MailAttachment:
    """A part of the mail that is kept as a file.

    `name` has no folders in it and is never empty; `type` is media/sub in lower case and only a claim of the sender.
    `inline`: meant to be seen inside the body (an image with a `content_id`, or shown at its place).
    `continues_body`: text or HTML that the writer put below the body (Apple Mail does so after a picture).
    `from_text`: taken out of the text (uuencode) or out of a TNEF part, which is there as well.
    """

    name: str
    type: str
    data: bytes = field(repr=False)
    inline: bool = False
    content_id: str = ""
    continues_body: bool = False
    from_text: bool = False

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self.data)


@dataclass(frozen=True, slots=True)
class Fold:
    """A stretch [start, end) of `text` or `html` that is shown folded. The text itself is kept whole."""

    start: int
    end: int
    kind: FoldKind


@dataclass(frozen=True, slots=True)
class Automatic:
    """That a program and not a person sent the mail. `why` is the header line that tells, or "subject".

    `certain` is false where only the subject looks like it ("Out of office: ..."): then a person may have written it.
    """

    kind: AutomaticKind
    why: str
    certain: bool = True


@dataclass(frozen=True, slots=True)
class BouncedRecipient:
    """One address of a delivery report. `status` as RFC 3463 (5.1.1), "" where the report has none."""

    email: str
    action: str
    status: str = ""
    diagnostic: str = ""

    @property
    def permanent(self) -> bool:
        """Whether trying again cannot help."""
        return self.action == "failed" and not self.status.startswith("4")

    @property
    def no_such_address(self) -> bool:
        """Whether the address itself is wrong (5.1.x), so that nothing should be sent there any more."""
        return self.permanent and self.status.startswith("5.1.")


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report on a mail sent earlier. `original_*` tell of that mail as far as the report holds it.

    `style` is the sort of report that was recognised: dsn, exchange, qmail, exim, text or subject.
    """

    recipients: tuple[BouncedRecipient, ...]
    original_message_id: str = ""
    original_references: tuple[str, ...] = ()
    original_subject: str = ""
    style: str = "dsn"

    @property
    def permanent(self) -> bool:
        """Whether at least one address failed for good."""
        return any(one.permanent for one in self.recipients)


@dataclass(frozen=True, slots=True)
class MailFacts:
    """A mail. Message-IDs are without angle brackets. `date` is UTC and None where there is no readable one.

    `text` is always there: the plain part, or what the HTML says. `html` is as sent and must be sanitised before it
    is shown. `folds` and `html_folds` are ordered, do not overlap, and never cover all that can be read.
    `headers` are (name in lower case, decoded value) in their order, at most 500 of them.
    `damage` says what had to be guessed or left out.
    """

    sender: Address
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    return_path: Address | None = None
    delivered_to: tuple[Address, ...] = ()
    subject: str = ""
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    date: datetime | None = None
    text: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    folds: tuple[Fold, ...] = ()
    html_folds: tuple[Fold, ...] = ()
    attachments: tuple[MailAttachment, ...] = ()
    automatic: Automatic | None = None
    bounce: Bounce | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    damage: tuple[Words, ...] = ()

    def header(self, name: str) -> str:
        """The first value of header `name`, "" where there is none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), "")

    @property
    def visible_text(self) -> str:
        """`text` without what is folded."""
        return unfolded(self.text, self.folds)


def unfolded(text: str, folds: tuple[Fold, ...]) -> str:
    """`text` without the stretches of `folds`."""
    kept, at = [], 0
    for fold in folds:
        kept.append(text[at : fold.start])
        at = fold.end
    return "".join((*kept, text[at:]))
