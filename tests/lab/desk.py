"""`python -m tests.lab.desk --ready FILE`: a running panel in, its help desk with real mail servers out, until SIGTERM.

Where the machine has no mail servers it says so and ends with 0: the desk is there without them.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path
from types import FrameType

import django
from django.conf import settings

django.setup()

from config.celery import app  # noqa: E402  (models, which the story needs, exist after setup only)
from config.env import env_int, kept_secret  # noqa: E402
from tests.lab import post_office  # noqa: E402
from tests.lab.desk_story import DeskStory, accounts, new_password  # noqa: E402
from tests.lab.errors import LabError  # noqa: E402
from tests.lab.letters import BILLING, DESK, KIM, PASSWORD_FILE, first_letters, send  # noqa: E402
from tickets.choices import IncomingState  # noqa: E402
from tickets.models import IncomingMail, Ticket  # noqa: E402

PATIENCE_SECONDS = 45


def say(line: str) -> None:
    """One line for the terminal."""
    print(line, flush=True)


def run(story: DeskStory, ready: Path) -> None:
    """Start the servers, send the first letters once, and keep the servers until this process is asked to end."""
    password = kept_secret(settings.VAR_DIR / PASSWORD_FILE, new_password)
    ports = post_office.ports_beside(env_int("PORT", 8000))
    with post_office.running(settings.VAR_DIR, ports, accounts(password)) as office:
        story.fetch_from(office.ports, office.authority, password)
        say(f"mail to {DESK} and {BILLING}: SMTP 127.0.0.1:{ports['smtp']}")
        say(f"mail of {KIM}, password {password}: IMAP 127.0.0.1:{ports['imap']}, POP3 127.0.0.1:{ports['pop3']}")
        posted = settings.VAR_DIR / "desk.posted"
        if not posted.exists():
            posted.touch()
            post(ports["smtp"])
        ready.touch()
        while True:
            signal.pause()


def post(port: int) -> None:
    """Send the first letters through the SMTP server and tell how they arrive."""
    letters = list(first_letters())
    for letter in letters:
        send(letter, port)
    began, told = time.monotonic(), set[int]()
    say(f"{len(letters)} mails are on their way")
    app.send_task("tickets.sweep_mailboxes")
    while len(told) < len(letters) and time.monotonic() - began < PATIENCE_SECONDS:
        handled = IncomingMail.objects.exclude(state__in=[IncomingState.KEPT, IncomingState.RUNNING])
        for mail in handled.exclude(pk__in=told).order_by("pk"):
            told.add(mail.pk)
            ticket = Ticket.objects.filter(pk=mail.ticket_id).first()
            where = f"ticket {ticket.number}" if ticket else str(mail.get_state_display()).lower()
            say(f"  after {time.monotonic() - began:.1f} s: “{mail.subject}” from {mail.sender}: {where}")
        time.sleep(0.2)
    if len(told) < len(letters):
        say(f"  {len(letters) - len(told)} of them are still on their way; look at the page of mail")


def leave(number: int, frame: FrameType | None) -> None:
    """End in good order: the `with` above stops the servers, and a second signal does not disturb it."""
    del number, frame
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(0)


def main() -> int:
    """Exit status 0 also where there are no servers: nothing is to be started again."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.desk")
    parser.add_argument("--ready", type=Path, required=True, help="this file appears when the first mails are here")
    ready = parser.parse_args().ready
    signal.signal(signal.SIGTERM, leave)
    story = DeskStory(settings.VAR_DIR / "keys", say)
    story.tell()
    for line in story.logins():
        say(f"agent {line}")
    reason = post_office.missing()
    try:
        if not reason:
            run(story, ready)
    except LabError as error:
        reason = str(error)
    say(f"No mail servers: {reason} The help desk is there, and no mail comes in.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
