"""A mail and what is known about it to its fate: reply, new ticket, note, ignored or rejected."""

from __future__ import annotations

from dataclasses import replace

from hosts.facts.words import gettext_noop, words
from tickets.choices import AutomaticKind, FateKind, PartRole, TicketState
from tickets.facts.mail import MailFacts
from tickets.facts.threading import Fate, Known, Spot
from tickets.rules.loops import is_own, may_be_answered

_LONGEST_CHAIN = 20
_FINISHED = frozenset({TicketState.RESOLVED, TicketState.CLOSED})
_GONE = frozenset({TicketState.DELETED, TicketState.ARCHIVED})


def fate_of(mail: MailFacts, known: Known) -> Fate:
    """What becomes of `mail`. Nothing that is ignored or rejected is lost: the raw mail and `why` are kept."""
    refused = _refused(mail, known)
    if refused is not None:
        return refused
    if mail.bounce is not None:
        return _bounce(mail, known)
    if not mail.sender.usable:
        return Fate(FateKind.REJECT, words(gettext_noop("The sender has no address that could be answered.")))
    spot, passive = _target(known)
    if spot is None:
        return _without_target(mail, known)
    return _with_target(mail, known, spot, passive=passive)


def _refused(mail: MailFacts, known: Known) -> Fate | None:
    if known.taken_in:
        return Fate(FateKind.IGNORE, words(gettext_noop("This mail was taken in before.")))
    if known.ours:
        return Fate(FateKind.IGNORE, words(gettext_noop("This is a mail that the panel sent itself; it came back.")))
    if is_own(mail, known.own_addresses) and mail.automatic is not None and mail.bounce is None:
        return Fate(FateKind.IGNORE, words(gettext_noop("An automatic mail from one of our own addresses.")))
    if known.banned and mail.bounce is None:
        return Fate(FateKind.REJECT, words(gettext_noop("The sender is on the ban list.")))
    return None


def _bounce(mail: MailFacts, known: Known) -> Fate:
    """A bounce goes to the entry that bounced as a note; it neither opens the ticket again nor is it answered.

    Only what returns a signed mail of ours marks an address: a made-up bounce must not silence a customer.
    """
    bounce = mail.bounce
    if not known.bounced or bounce is None:
        return Fate(FateKind.IGNORE, words(gettext_noop("A report on a mail that the panel did not send.")))
    spot = known.bounced[0]
    gone = tuple(one.email for one in bounce.recipients if one.no_such_address)
    why = words(gettext_noop("The mail of this entry could not be delivered."))
    if not bounce.permanent:
        why = words(gettext_noop("The mail of this entry is delayed; the mail server keeps trying."))
    return Fate(FateKind.NOTE, why, ticket=spot.ticket, entry=spot.entry, failed_addresses=gone)


def _target(known: Known) -> tuple[Spot | None, bool]:
    """(the spot that the mail belongs to, whether only a foreign Message-ID led there).

    Of several tickets the most recently active one counts. A number in the subject counts only for those who take part.
    """
    taking_part = tuple(spot for spot in known.numbered if _merged(spot).role is not PartRole.STRANGER)
    for spots, passive in ((known.signed, False), (known.passive, True), (taking_part, False)):
        alive = [followed for followed in map(_merged, spots) if followed.state is not TicketState.DELETED]
        if alive:
            newest = max(spot.recency for spot in alive)
            return next(spot for spot in alive if spot.recency == newest), passive
    return None, False


def _merged(spot: Spot) -> Spot:
    """The ticket into which the spot's ticket was merged, with what the mail proves kept."""
    at = spot
    for _ in range(_LONGEST_CHAIN):
        if at.parent is None:
            break
        role = at.parent.role if at.parent.role is not PartRole.STRANGER else at.role
        at = replace(at.parent, role=role, proves_sender=spot.proves_sender, agent_mail=spot.agent_mail)
    return at


def _with_target(mail: MailFacts, known: Known, spot: Spot, *, passive: bool) -> Fate:
    automatic = mail.automatic is not None and mail.automatic.certain
    answer = not passive and may_be_answered(mail, known.own_addresses)
    if known.agent and spot.role not in {PartRole.OWNER, PartRole.COLLABORATOR}:
        return _from_agent(spot, automatic=automatic)
    if spot.agent_mail and not spot.proves_sender:
        why = words(gettext_noop("An answer to a mail for agents, from somebody else: kept between agents."))
        return Fate(FateKind.NOTE, why, ticket=spot.ticket, entry=spot.entry, stranger=True)
    if spot.state in _GONE or (spot.state in _FINISHED and not spot.reopenable and not automatic):
        return _late(spot) if automatic else _continued(_without_target(mail, known), spot)
    return Fate(
        FateKind.REPLY,
        words(gettext_noop("It answers this ticket.")),
        ticket=spot.ticket,
        entry=spot.entry,
        reopen=spot.state in _FINISHED and mail.automatic is None,
        answer=answer,
        stranger=spot.role is PartRole.STRANGER,
    )


def _continued(fate: Fate, spot: Spot) -> Fate:
    """A new ticket that follows the old one; what is not to become a ticket keeps its own reason."""
    if fate.kind is not FateKind.NEW:
        return fate
    why = words(gettext_noop("It answers a ticket that cannot be opened again, so it is a new one."))
    return replace(fate, follows=spot.ticket, why=why)


def _late(spot: Spot) -> Fate:
    return Fate(
        FateKind.IGNORE, words(gettext_noop("An automatic reply to a ticket that is put away.")), ticket=spot.ticket
    )


def _from_agent(spot: Spot, *, automatic: bool) -> Fate:
    """An agent answers the customer where a signed id proves that the mail is his; else it is a note."""
    if automatic:
        return Fate(FateKind.IGNORE, words(gettext_noop("An automatic reply of an agent.")), ticket=spot.ticket)
    if spot.proves_sender and spot.state not in _GONE:
        why = words(gettext_noop("The agent answers by mail."))
        reopen = spot.state in _FINISHED and spot.reopenable
        return Fate(FateKind.REPLY, why, ticket=spot.ticket, entry=spot.entry, as_agent=True, reopen=reopen)
    why = words(gettext_noop("It comes from an agent's address but does not prove it, so it is a note."))
    return Fate(FateKind.NOTE, why, ticket=spot.ticket, entry=spot.entry)


def _without_target(mail: MailFacts, known: Known) -> Fate:
    automatic = mail.automatic
    if automatic is not None and automatic.certain and automatic.kind is AutomaticKind.REPLIED:
        return Fate(FateKind.IGNORE, words(gettext_noop("An automatic reply to nothing that is known here.")))
    if not known.registered and not known.accept_unregistered:
        return Fate(FateKind.REJECT, words(gettext_noop("Only registered senders may open tickets.")))
    if known.max_open and known.open_tickets >= known.max_open:
        return Fate(
            FateKind.REJECT,
            words(gettext_noop("The sender has %(count)s open tickets, which is the limit."), count=known.open_tickets),
            over_limit=may_be_answered(mail, known.own_addresses),
        )
    why = words(gettext_noop("It belongs to no ticket yet."))
    return Fate(FateKind.NEW, why, answer=may_be_answered(mail, known.own_addresses))
