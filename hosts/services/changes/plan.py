"""Write down what is wanted on a host. Nothing is read from the host and nothing is sent to it here."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from hosts.choices import ChangeState, FileKind, Source, StepName, StepState
from hosts.errors import BadInput, WrongState
from hosts.facts.change import Bundle, Command, WantedFile
from hosts.facts.proposal import Edit, Meaning, Proposal
from hosts.facts.words import Words, gettext_noop, words
from hosts.models import Change, ChangeFile, Host, ManagedFile, Rollout, Step
from hosts.models.change import ON_THE_WAY
from hosts.services.audit import Actor, note
from hosts.services.contents import keep_content

LARGEST_FILE = 8 * 1024 * 1024


@transaction.atomic
def plan_change(
    host: Host,
    proposal: Proposal,
    *,
    by: Actor,
    source: str,
    why: str = "",
    reference: str = "",
    managed: ManagedFile | None = None,
    rollout: Rollout | None = None,
    position: int = 0,
    puts_back: Change | None = None,
    replaces: Change | None = None,
) -> Change:
    """A change in state planned, to be compared by a worker. BadInput where the bundle cannot be carried out."""
    bundle = proposal.bundle
    _check(bundle)
    change = Change.objects.create(
        host=host,
        title=title_of(proposal),
        why=why,
        reference=reference_of(reference, proposal),
        source=source,
        means=[meaning_row(meaning) for meaning in proposal.means],
        before=_rows(bundle.before),
        check_commands=_rows(bundle.check),
        activate=_rows(bundle.activate),
        verify=_rows(bundle.verify),
        undo=_rows(bundle.undo),
        guard_seconds=bundle.guard.seconds if bundle.guard else None,
        reboots=bool(bundle.guard and bundle.guard.reboots),
        planned_by=by.person,
        rollout=rollout,
        position=position,
        puts_back=puts_back,
        replaces=replaces,
    )
    edits = {edit.path: {"ensure_line": edit.line} for edit in proposal.edits}
    ChangeFile.objects.bulk_create(
        [
            _file_row(change, number, wanted, edits.get(wanted.path), managed)
            for number, wanted in enumerate(bundle.files)
        ]
    )
    Step.objects.create(
        change=change, name=StepName.PLAN, state=StepState.OK, started_at=timezone.now(), note=str(by.person)
    )
    note(by, "plan", change, organization=host.organization, details={"host": host.name})
    return change


@transaction.atomic
def plan_again(change: Change, *, by: Actor) -> Change:
    """The same bundle planned anew, to be compared with what the host has now; an open old one is discarded."""
    old = Change.objects.select_for_update(of=("self",)).select_related("host", "puts_back").get(pk=change.pk)
    if old.state in (ChangeState.QUEUED, *ON_THE_WAY):
        raise WrongState(words(gettext_noop("This change is on its way. Wait for its outcome, then plan again.")))
    files = list(old.files.select_related("managed_file"))
    fresh = plan_change(
        old.host,
        Proposal(
            old.title,
            old.bundle(),
            edits=tuple(Edit(file.path, str(file.edit["ensure_line"])) for file in files if file.edit),
        ),
        by=by,
        source=old.source,
        why=old.why,
        reference=old.reference,
        managed=next((file.managed_file for file in files if file.managed_file), None),
        puts_back=old.puts_back,
        replaces=old,
    )
    fresh.means = old.means
    fresh.save(update_fields=["means"])
    if not old.has_ended:
        old.state, old.finished_at = ChangeState.DISCARDED, timezone.now()
        old.outcome_why = words(gettext_noop("Planned again as change %(number)s."), number=fresh.pk)
        old.save(update_fields=["state", "finished_at", "outcome_why"])
    return fresh


@transaction.atomic
def plan_put_back(change: Change, *, by: Actor) -> Change:
    """A new change that restores what the files were before this one. It is compared and approved like any other."""
    if change.state != ChangeState.APPLIED:
        raise WrongState(words(gettext_noop("Only a change that was applied can be put back.")))
    files = _files_before(change)
    if not files:
        raise BadInput(
            words(
                gettext_noop("This change ran commands only. Commands cannot be put back; plan one that undoes them.")
            )
        )
    old = change.bundle()
    activate = old.undo or old.activate
    return plan_change(
        change.host,
        Proposal(
            gettext("Put back: %(title)s") % {"title": change.title},
            Bundle(files=tuple(files), activate=activate, verify=old.verify if not old.undo else (), guard=old.guard),
            (
                Meaning(
                    "info", words(gettext_noop("Puts back what was there before change %(number)s."), number=change.pk)
                ),
            ),
        ),
        by=by,
        source=Source.PUT_BACK,
        puts_back=change,
    )


def title_of(proposal: Proposal) -> str:
    """The name that the change keeps, in the language of who plans it."""
    title = proposal.title
    return (title.said_by(gettext) if isinstance(title, Words) else title)[:200]


def reference_of(given: str, proposal: Proposal) -> str:
    """What a person gave, and the proposal's own behind it, which is never cut."""
    own = proposal.reference
    return " ".join(filter(None, (given[: 199 - len(own)], own))) if own else given[:200]


def _files_before(change: Change) -> list[WantedFile]:
    """What its files were when the diff was made. BadInput where that was too large to keep."""
    files = []
    for file in change.files.select_related("seen_content"):
        if file.seen_kind == FileKind.FILE and file.seen_content is None:
            raise BadInput(
                words(
                    gettext_noop(
                        "What %(path)s held before was not kept, since it was too large. It cannot be put "
                        "back from here."
                    ),
                    path=file.path,
                )
            )
        was_there = file.seen_kind == FileKind.FILE
        files.append(
            WantedFile(
                file.path,
                file.seen_content.read() if was_there and file.seen_content else None,
                file.seen_owner or file.owner,
                file.seen_group or file.group,
                file.seen_mode if was_there else file.mode,
                file.is_secret,
            )
        )
    return files


def meaning_row(meaning: Meaning) -> list[Any]:
    """The stored form: [sign, msgid, values]; translated for each reader."""
    return [meaning.sign, *meaning.words.as_json()]


def _rows(commands: Iterable[Command]) -> list[dict[str, Any]]:
    return [asdict(command) for command in commands]


def _file_row(
    change: Change, number: int, wanted: WantedFile, edit: dict[str, str] | None, managed: ManagedFile | None
) -> ChangeFile:
    return ChangeFile(
        change=change,
        position=number,
        path=wanted.path,
        wanted_content=None if wanted.content is None or edit else keep_content(wanted.content),
        is_absent=wanted.content is None and not edit,
        edit=edit,
        owner=wanted.owner,
        group=wanted.group,
        mode=wanted.mode,
        is_secret=wanted.secret,
        make_parents=wanted.make_parents,
        managed_file=managed,
    )


def _check(bundle: Bundle) -> None:
    reboots = bundle.guard is not None and bundle.guard.reboots
    if not (bundle.files or bundle.activate or bundle.before or reboots):
        raise BadInput(words(gettext_noop("There is nothing to do: no file and no command.")))
    paths = [file.path for file in bundle.files]
    for path in paths:
        if not path.startswith("/") or "\0" in path or posixpath.normpath(path) != path or path == "/":
            raise BadInput(
                words(gettext_noop("“%(path)s” is not an absolute, plain path of a file."), path=path), field="path"
            )
        if paths.count(path) > 1:
            raise BadInput(words(gettext_noop("%(path)s is in this change twice."), path=path), field="path")
    for file in bundle.files:
        if file.content is not None and len(file.content) > LARGEST_FILE:
            raise BadInput(
                words(
                    gettext_noop("%(path)s is larger than 8 MiB. Copy files of that size another way."), path=file.path
                ),
                field="content",
            )
    for command in (*bundle.before, *bundle.check, *bundle.activate, *bundle.verify, *bundle.undo):
        if not command.argv or not command.argv[0] or any("\0" in part for part in command.argv):
            raise BadInput(words(gettext_noop("A command is empty or holds a NUL character.")), field="command")
