"""A change's state in, what that means for its host in words out: what it looks like now, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from hosts.choices import ChangeState as S
from hosts.facts.words import gettext_noop


@dataclass(frozen=True, slots=True)
class Standing:
    """`head` fits a line, `body` says the rest; both are msgids with %(host)s in them. `icon` is a sign's name."""

    icon: str
    head: str
    body: str


STANDINGS: dict[str, Standing] = {
    S.PLANNED: Standing(
        "manage_search",
        gettext_noop("Comparing with %(host)s"),
        gettext_noop("The panel reads the files as they are now. Nothing is written. The difference appears here."),
    ),
    S.COMPARED: Standing(
        "rule",
        gettext_noop("%(host)s is untouched"),
        gettext_noop("Read what will change. Nothing is sent before somebody approves and applies it."),
    ),
    S.APPROVED: Standing(
        "task_alt",
        gettext_noop("Approved, not applied yet"),
        gettext_noop("%(host)s is untouched. Apply sends exactly what is shown here."),
    ),
    S.QUEUED: Standing(
        "schedule",
        gettext_noop("Waiting for a worker"),
        gettext_noop("%(host)s is untouched so far. You can close this page; it goes on by itself."),
    ),
    S.APPLYING: Standing(
        "sync",
        gettext_noop("Applying on %(host)s"),
        gettext_noop("The steps fill as they happen. You can close this page; the host finishes by itself either way."),
    ),
    S.APPLIED: Standing(
        "check_circle",
        gettext_noop("%(host)s has it"),
        gettext_noop("Everything was put in place and held."),
    ),
    S.UNCHANGED: Standing(
        "check_circle",
        gettext_noop("%(host)s already has it"),
        gettext_noop("What lies on the host is what this change wants. Nothing was sent."),
    ),
    S.REFUSED: Standing(
        "block",
        gettext_noop("%(host)s is untouched"),
        gettext_noop("It stopped before anything was changed. Mend the cause, then plan again."),
    ),
    S.ROLLED_BACK: Standing(
        "undo",
        gettext_noop("%(host)s has its old state back"),
        gettext_noop(
            "A step did not hold, so the old files were put back and activated. Mend the cause, then plan again."
        ),
    ),
    S.FAILED: Standing(
        "error",
        gettext_noop("%(host)s needs a person"),
        gettext_noop(
            "The change did not hold, and putting the old state back did not work either. "
            "Log in, look at the files below and at the output, and put it right by hand; then plan again."
        ),
    ),
    S.LOST: Standing(
        "cloud_off",
        gettext_noop("The outcome is being looked up"),
        gettext_noop(
            "The line to %(host)s broke after the change had begun. The host finishes or puts back by itself and "
            "writes down what it did; the panel reads that as soon as the host answers. Nothing is sent twice."
        ),
    ),
    S.DISCARDED: Standing(
        "delete",
        gettext_noop("Laid aside"),
        gettext_noop("Nothing of it was sent to %(host)s."),
    ),
}


def standing_of(state: str) -> Standing:
    """The words for a state of ChangeState; KeyError for another word."""
    return STANDINGS[state]
