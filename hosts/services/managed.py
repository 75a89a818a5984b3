"""Managed files: kept as rows, proposed to hosts."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from django.db import transaction

from hosts.errors import BadInput
from hosts.facts.change import Bundle, Command, Guard, WantedFile
from hosts.facts.proposal import Meaning, Proposal
from hosts.facts.words import gettext_noop, reason, words
from hosts.models import Host, ManagedFile, Override, Tag
from hosts.rules import variables
from hosts.services.audit import Actor, differences, note, snapshot
from hosts.services.contents import keep_content
from hosts.services.scope import require_own_organization, require_visible

COMMAND_SECONDS = 120


@transaction.atomic
def save_managed_file(
    managed: ManagedFile,
    *,
    by: Actor,
    content: bytes | None = None,
    hosts: Iterable[Host] | None = None,
    tags: Iterable[Tag] | None = None,
) -> ManagedFile:
    """Create or change a managed file. None leaves content, hosts or tags as they are. No host is touched."""
    old = ManagedFile.objects.get(pk=managed.pk) if managed.pk else None
    before = snapshot(old) if old else {}
    require_visible(by, old)
    require_own_organization(by, managed.organization)
    if content is not None:
        managed.body = keep_content(content)
    for field in ("check_command", "activate_command", "verify_command"):
        command_of(getattr(managed, field), field)
    managed.full_clean()
    managed.save()
    if hosts is not None:
        managed.hosts.set(hosts)
    if tags is not None:
        managed.tags.set(tags)
    changed = differences(managed, before) if before else {}
    note(by, "change" if before else "create", managed, organization=managed.organization, details=changed)
    return managed


@transaction.atomic
def delete_managed_file(managed: ManagedFile, *, by: Actor) -> None:
    """Stop keeping it in the panel. The copies on hosts stay as they are and stay looked after by path."""
    note(by, "delete", managed, organization=managed.organization)
    managed.delete()


@transaction.atomic
def drop_override(override: Override, *, by: Actor) -> None:
    """The host gets the common text again with the next change."""
    note(by, "drop own version", override.managed_file, organization=override.host.organization)
    override.delete()


def propose_managed_file(managed: ManagedFile, host: Host) -> Proposal:
    """What this file is on this host. RenderError names an unknown variable and its line."""
    override = managed.overrides.filter(host=host).select_related("content").first()
    own = override.content.read() if override else None
    content = own if own is not None else variables.filled(managed.body.read(), values_of(host, managed))
    means = [
        Meaning("add", words(gettext_noop("Writes %(path)s (%(size)s bytes)."), path=managed.path, size=len(content)))
    ]
    if own is not None:
        means.append(Meaning("info", words(gettext_noop("This host keeps its own version of the file."))))
    if managed.activate_command:
        means.append(
            Meaning(
                "heed",
                words(gettext_noop("Runs %(command)s when the file is in place."), command=managed.activate_command),
            )
        )
    return Proposal(
        title=managed.name,
        bundle=Bundle(
            files=(
                WantedFile(
                    managed.path,
                    content,
                    managed.owner,
                    managed.group,
                    managed.mode,
                    managed.is_secret,
                    managed.make_parents,
                ),
            ),
            check=command_of(managed.check_command, "check_command"),
            activate=command_of(managed.activate_command, "activate_command"),
            verify=command_of(managed.verify_command, "verify_command"),
            guard=Guard(managed.guard_seconds) if managed.guard_seconds else None,
        ),
        means=tuple(means),
    )


def propose_command(
    title: str,
    argv_line: str,
    *,
    verify_line: str = "",
    undo_line: str = "",
    timeout_seconds: int = COMMAND_SECONDS,
) -> Proposal:
    """A command as a change. The line is split as a shell would, but no shell runs it."""
    argv = command_of(argv_line, "command", timeout_seconds)
    if not argv:
        raise BadInput(words(gettext_noop("Type the command to run.")), field="command")
    undo = command_of(undo_line, "undo", timeout_seconds)
    means = [Meaning("heed", words(gettext_noop("Runs %(command)s."), command=argv_line.strip()))]
    if not undo:
        means.append(Meaning("heed", words(gettext_noop("A command cannot be put back: no undo command is given."))))
    return Proposal(
        title or argv_line.strip(),
        Bundle(activate=argv, verify=command_of(verify_line, "verify", timeout_seconds), undo=undo),
        tuple(means),
    )


def values_of(host: Host, managed: ManagedFile | None = None) -> dict[str, str]:
    """What the variables of a managed file stand for on a host: `host.*` and `var.*`."""
    own = {f"var.{name}": str(value) for name, value in (managed.variables if managed else {}).items()}
    return {
        "host.name": host.name,
        "host.short_name": host.name.split(".")[0],
        "host.address": host.address,
        "host.port": str(host.port),
        "host.user": host.username,
        "host.site": host.site,
        "host.organization": host.organization.name if host.organization else "",
        "host.system": host.os_name,
        "host.kernel": host.kernel,
        **own,
    }


def command_of(line: str, field: str, timeout_seconds: int = COMMAND_SECONDS) -> tuple[Command, ...]:
    """A typed line as one command, none where it is empty; BadInput with its `field` where a quote is not closed."""
    if not line.strip():
        return ()
    try:
        argv = shlex.split(line)
    except ValueError as error:
        raise BadInput(
            words(gettext_noop("This command cannot be read: %(why)s. Close every quote."), why=reason(error)),
            field=field,
        ) from error
    return (Command(tuple(argv), timeout_seconds),)
