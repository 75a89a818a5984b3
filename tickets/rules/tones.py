"""A state of the desk's rows in, one of the five meanings that it has for its reader out."""

from __future__ import annotations

from hosts.choices import Tone
from tickets.choices import IncomingState, MailboxState, OutgoingState, TicketState

TICKETS: dict[str, Tone] = {
    TicketState.OPEN: Tone.ATTENTION,
    TicketState.RESOLVED: Tone.GOOD,
    TicketState.DELETED: Tone.BROKEN,
}
INCOMING: dict[str, Tone] = {
    IncomingState.KEPT: Tone.RUNNING,
    IncomingState.RUNNING: Tone.RUNNING,
    IncomingState.TAKEN: Tone.GOOD,
    IncomingState.REJECTED: Tone.ATTENTION,
    IncomingState.QUARANTINED: Tone.BROKEN,
}
OUTGOING: dict[str, Tone] = {
    OutgoingState.WAITING: Tone.RUNNING,
    OutgoingState.SENDING: Tone.RUNNING,
    OutgoingState.SENT: Tone.GOOD,
    OutgoingState.FAILED: Tone.BROKEN,
    OutgoingState.BOUNCED: Tone.BROKEN,
    OutgoingState.HELD: Tone.ATTENTION,
}
MAILBOXES: dict[str, Tone] = {MailboxState.WELL: Tone.GOOD, MailboxState.FAILING: Tone.BROKEN}


def ticket_tone(state: str, *, is_answered: bool) -> Tone:
    """An open ticket needs somebody; one that was answered waits for the customer."""
    if state == TicketState.OPEN and is_answered:
        return Tone.RUNNING
    return TICKETS.get(state, Tone.NEUTRAL)


def mail_tone(state: str) -> Tone:
    """The meaning of a mail's state, coming in or going out, or of a mailbox's."""
    return INCOMING.get(state) or OUTGOING.get(state) or MAILBOXES.get(state) or Tone.NEUTRAL
