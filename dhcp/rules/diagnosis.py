"""What is known of a machine in; why it has no address, in sentences that begin with the answer, out."""

from __future__ import annotations

from dhcp.choices import Outcome
from dhcp.facts.diagnosis import Known
from hosts.facts.words import Words, gettext_noop, words

HAS = gettext_noop("It has %(address)s.")
FAILED = gettext_noop("Its last attempt failed: %(reason)s")
GOING_ON = gettext_noop("It is asking just now.")
WAS_BOUND = gettext_noop("It was given an address the last time it asked, and has no lease now.")
NEVER_SPOKE = gettext_noop(
    "No log of your %(servers)s DHCP servers has a word of it: its requests do not arrive. Look at its cable, VLAN or "
    "vif, at the relay of its network, and whether it asks by DHCP at all."
)
NO_SERVER = gettext_noop("There is no DHCP server in the panel that you may see. Add the one that serves its network.")
SWITCHED_OFF = gettext_noop("Its reservation %(name)s is switched off.")
ABANDONED = gettext_noop("%(address)s is given up: another machine answered there. Find it, then release the address.")
UNREAD = gettext_noop("The log of %(server)s could not be read, so what is said here may be old: %(why)s")


def diagnosis(known: Known) -> tuple[Words, ...]:
    """The answer first, then what else is to be known."""
    found = [_answer(known)]
    found += [words(SWITCHED_OFF, name=name) for name in known.switched_off]
    found += [words(ABANDONED, address=address) for address in known.abandoned]
    found += [words(UNREAD, server=server, why=why) for server, why in known.unread]
    return tuple(found)


def _answer(known: Known) -> Words:
    bad = known.outcome not in (None, Outcome.BOUND, Outcome.RELAYED, Outcome.UNFINISHED)
    if known.holds and not bad:
        return words(HAS, address=known.holds)
    if bad and known.reason is not None:
        return words(FAILED, reason=known.reason)
    if known.outcome in (Outcome.UNFINISHED, Outcome.RELAYED):
        return words(GOING_ON)
    if known.outcome is not None:
        return words(WAS_BOUND)
    return words(NEVER_SPOKE, servers=known.servers) if known.servers else words(NO_SERVER)
