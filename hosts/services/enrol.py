"""Host keys: offered by a host, accepted or refused by a person, pinned from then on."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import transaction
from django.utils import timezone

from hosts.choices import HostKeyState, HostState
from hosts.errors import WrongState
from hosts.facts.machine import PinnedKey
from hosts.facts.words import Words, gettext_noop, words
from hosts.models import Host, HostKey
from hosts.services.audit import Actor, note


@transaction.atomic
def record_offered_keys(host: Host, keys: Iterable[PinnedKey]) -> None:
    """Keep what the host showed at enrolment, for a person to compare and accept.

    A host that shows accepted keys only (it moved, or an intruder went away) needs no person again.
    """
    now = timezone.now()
    shown = [
        HostKey.objects.get_or_create(
            host=host, key_type=key.key_type, public=key.public, defaults={"fingerprint": key.fingerprint}
        )[0]
        for key in keys
    ]
    for key in shown:
        if key.state == HostKeyState.REPLACED:  # an old key is back: a person decides again
            key.state = HostKeyState.OFFERED
            key.save(update_fields=["state"])
    states = {key.state for key in shown}
    if HostKeyState.OFFERED in states:
        Host.objects.filter(pk=host.pk, state=HostState.NEW).update(
            state=HostState.KEY_OFFERED, state_since=now, state_why="", last_seen_at=now
        )
    elif states == {HostKeyState.ACCEPTED}:
        waiting = (HostState.NEW, HostState.KEY_OFFERED, HostState.KEY_CHANGED)
        Host.objects.filter(pk=host.pk, state__in=waiting).update(
            state=HostState.REACHABLE, state_since=now, state_why="", last_seen_at=now, next_facts_at=None
        )


@transaction.atomic
def record_changed_key(host: Host, *, key_type: str, public: str, why: Words | str) -> None:
    """The host shows another key than the accepted one: keep it to be looked at, and stop speaking to the host."""
    if public:
        HostKey.objects.update_or_create(
            host=host,
            key_type=key_type,
            public=public,
            defaults={"fingerprint": PinnedKey(key_type, public).fingerprint, "state": HostKeyState.OFFERED},
        )
    Host.objects.filter(pk=host.pk).exclude(state=HostState.KEY_CHANGED).update(
        state=HostState.KEY_CHANGED, state_since=timezone.now()
    )
    Host.objects.filter(pk=host.pk).update(state_why=why)


@transaction.atomic
def accept_keys(host: Host, *, by: Actor, fingerprints: Collection[str] | None = None) -> list[HostKey]:
    """Pin every offered key of the host; keys accepted earlier and not shown any more are replaced.

    `fingerprints` are those that the person saw: WrongState where by now other keys wait for an answer.
    """
    now = timezone.now()
    offered = list(host.keys.select_for_update().filter(state=HostKeyState.OFFERED).order_by("pk"))
    if not offered:
        raise WrongState(words(gettext_noop("%(host)s has no key that waits for an answer."), host=host.name))
    if fingerprints is not None and {key.fingerprint for key in offered} != set(fingerprints):
        raise WrongState(
            words(
                gettext_noop(
                    "%(host)s has shown other keys since you looked. Nothing was accepted; look at them again."
                ),
                host=host.name,
            )
        )
    types = {key.key_type for key in offered}
    host.keys.filter(state=HostKeyState.ACCEPTED, key_type__in=types).update(state=HostKeyState.REPLACED)
    for key in offered:
        key.state, key.decided_by, key.decided_at = HostKeyState.ACCEPTED, by.user, now
        key.save(update_fields=["state", "decided_by", "decided_at"])
    Host.objects.filter(pk=host.pk).update(
        state=HostState.REACHABLE, state_since=now, state_why="", next_facts_at=None, facts_asked_at=now
    )
    accepted = [key.fingerprint for key in offered]
    note(by, "accept host key", host, organization=host.organization, details={"fingerprints": accepted})
    return offered


@transaction.atomic
def refuse_keys(host: Host, *, by: Actor) -> None:
    """The offered keys are not this host's. It stays unspoken to until somebody asks for its keys again."""
    now = timezone.now()
    refused = host.keys.filter(state=HostKeyState.OFFERED).order_by("pk")
    fingerprints = list(refused.values_list("fingerprint", flat=True))
    if not fingerprints:
        raise WrongState(words(gettext_noop("%(host)s has no key that waits for an answer."), host=host.name))
    refused.update(state=HostKeyState.REFUSED, decided_by=by.user, decided_at=now)
    why = words(
        gettext_noop("The key it showed was refused, so it is not spoken to. Ask for its keys again when it is mended.")
    )
    Host.objects.filter(pk=host.pk).update(state_why=why)
    Host.objects.filter(pk=host.pk, state=HostState.KEY_OFFERED).update(state=HostState.NEW, state_since=now)
    note(by, "refuse host key", host, organization=host.organization, details={"fingerprints": fingerprints})


@transaction.atomic
def ask_for_keys(host: Host, *, by: Actor) -> None:
    """Fetch the host's keys again: after an error, or when it was installed anew. A refused key may be shown again."""
    host.keys.filter(state__in=(HostKeyState.OFFERED, HostKeyState.REFUSED)).delete()
    if host.state != HostState.KEY_CHANGED:
        Host.objects.filter(pk=host.pk).update(state=HostState.NEW, state_since=timezone.now(), state_why="")
    note(by, "ask for host key", host, organization=host.organization)
