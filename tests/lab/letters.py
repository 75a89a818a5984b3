"""`python -m tests.lab.letters`: mails of the demo's customers in, on their way to the desk out; or a mailbox read.

    python -m tests.lab.letters "The shop is slow" --text "Since noon." --from kim@customer.localhost --file log.txt
    python -m tests.lab.letters --read kim@customer.localhost
    python -m tests.lab.letters --answer --text "Thank you, it works."

Any mail program can do the same: it speaks plain SMTP and IMAP on loopback.
"""

from __future__ import annotations

import argparse
import imaplib
import mimetypes
import os
import smtplib
import sys
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DESK = "ticket@rackdesk.localhost"
BILLING = "billing@rackdesk.localhost"
KIM = "kim@customer.localhost"
LEE = "lee@hanbit.localhost"
PASSWORD_FILE = "keys/demo-mail"
LOG = """\
Nov 23 06:58:02 dns01 kernel: [71022.118] ixgbevf 0000:00:05.0 eth1: NIC Link is Down
Nov 23 06:58:09 dns01 kernel: [71029.402] ixgbevf 0000:00:05.0 eth1: NIC Link is Up 10 Gbps
Nov 23 07:03:41 dns01 kernel: [71361.990] ixgbevf 0000:00:05.0 eth1: NIC Link is Down
"""


def letter(sender: str, to: str, subject: str, text: str, *, charset: str = "utf-8") -> EmailMessage:
    """A mail as a mail program writes it."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"], mail["Message-ID"] = formatdate(localtime=True), make_msgid(domain="customer.localhost")
    mail.set_content(text, charset=charset)
    return mail


def first_letters() -> Iterator[EmailMessage]:
    """What is in the post on the first day: plain, Korean, with a file, to the other mailbox, and from a robot."""
    kim, lee = f"Minji Kim <{KIM}>", f"Dohyun Lee <{LEE}>"
    shop = letter(
        kim,
        DESK,
        "The shop does not answer since this morning",
        "Hello,\n\nsince seven our customers see an error page instead of the shop. Can you have a look at web01?\n\n"
        "Thank you\nMinji\n",
    )
    shop.add_alternative(
        "<p>Hello,</p><p>since seven our customers see an <b>error page</b> instead of the shop. "
        "Can you have a look at web01?</p><p>Thank you<br>Minji</p>",
        subtype="html",
    )
    yield shop
    yield letter(
        f"김민지 <{KIM}>",
        DESK,
        "인증서가 다음 주에 만료됩니다",
        "안녕하세요.\n\nshop.blueharbor.example 인증서가 다음 주 월요일에 만료된다는 알림을 받았습니다.\n"
        "갱신을 부탁드립니다.\n\n감사합니다.\n김민지 드림\n",
        charset="euc-kr",
    )
    link = letter(
        lee,
        DESK,
        "dns01: the second network card loses its link",
        "Good morning,\n\nsince the move to rack 1 the virtual function of dns01 loses its link now and then. "
        "The kernel's log is attached.\n\nDohyun Lee, Hanbit Hosting\n",
    )
    link.add_attachment(LOG, filename="dns01-kern.log")
    yield link
    yield letter(
        lee,
        BILLING,
        "October's invoice counts six hosts twice",
        "Hello,\n\nthe invoice of October lists our hosts in Busan twice. Could you correct it?\n\nDohyun Lee\n",
    )
    away = letter(kim, DESK, "Out of office: Re: Your request", "I am away until Monday and read no mail.\n")
    away["Auto-Submitted"], away["X-Auto-Response-Suppress"] = "auto-replied", "All"
    yield away


def send(mail: EmailMessage, port: int) -> None:
    """Hand a mail to the demo's SMTP server."""
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as server:
        server.send_message(mail)


def read(account: str, password: str, port: int) -> Iterator[EmailMessage]:
    """The mails in an INBOX, oldest first; they stay unread."""
    with imaplib.IMAP4("127.0.0.1", port, timeout=30) as server:
        server.login(account, password)
        server.select("INBOX", readonly=True)
        numbers = server.search(None, "ALL")[1][0].split()
        for number in numbers:
            found = server.fetch(number.decode(), "(BODY.PEEK[])")[1][0]
            if isinstance(found, tuple):
                yield message_from_bytes(found[1], policy=policy.default)


def answer(mails: list[EmailMessage], sender: str, text: str) -> EmailMessage:
    """An answer to the newest mail, as a mail program writes it."""
    last = mails[-1]
    mail = letter(sender, str(last["Reply-To"] or last["From"]), f"Re: {last['Subject']}", text)
    mail["In-Reply-To"] = last["Message-ID"]
    mail["References"] = f"{last['References'] or ''} {last['Message-ID']}".strip()
    return mail


def main() -> int:
    """Send one, or print a mailbox; 1 with a line where the demo does not run."""
    asked = _arguments()
    panel = int(os.environ.get("PORT", "8000"))
    account = asked.read or asked.sender.rpartition("<")[2].rstrip(">")
    try:
        mails = _mails_of(account, panel + 143) if asked.read or asked.answer else []
        if not asked.read:
            mail = _wanted(asked, mails)
            send(mail, panel + 25)
            print(f"Sent to {mail['To']}: {mail['Subject']}")
    except (OSError, imaplib.IMAP4.error, smtplib.SMTPException) as error:
        print(f"It did not work: {error}. Does `make demo` run? PORT= says where it does, if not at 8000.")
        return 1
    for mail in mails if asked.read else []:
        _print(mail)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.lab.letters")
    parser.add_argument("subject", nargs="?", default="A question")
    parser.add_argument("--text", default="Can you help me with this?\n")
    parser.add_argument("--from", dest="sender", default=f"Minji Kim <{KIM}>")
    parser.add_argument("--to", default=DESK)
    parser.add_argument("--file", type=Path, help="a file that goes with it")
    parser.add_argument("--answer", action="store_true", help="answer the newest mail that the sender got")
    parser.add_argument("--read", metavar="ADDRESS", help=f"print the mails of this one, such as {KIM}")
    return parser.parse_args()


def _wanted(asked: argparse.Namespace, mails: list[EmailMessage]) -> EmailMessage:
    if asked.answer and mails:
        mail = answer(mails, asked.sender, asked.text)
    else:
        mail = letter(asked.sender, asked.to, asked.subject, asked.text)
    if asked.file:
        kind, _encoding = mimetypes.guess_type(asked.file.name)
        main_type, _slash, sub_type = (kind or "application/octet-stream").partition("/")
        mail.add_attachment(asked.file.read_bytes(), maintype=main_type, subtype=sub_type, filename=asked.file.name)
    return mail


def _mails_of(account: str, port: int) -> list[EmailMessage]:
    var = Path(os.environ.get("VAR_DIR") or ROOT / "var") / "demo"
    password = (var / PASSWORD_FILE).read_text(encoding="utf-8").strip()
    return list(read(account, password, port))


def _print(mail: EmailMessage) -> None:
    body = mail.get_body(("plain", "html"))
    for name in ("From", "Date", "Subject"):
        print(f"{name}: {mail[name]}")
    print(f"\n{body.get_content() if body else ''}\n{'-' * 72}")


if __name__ == "__main__":
    sys.exit(main())
