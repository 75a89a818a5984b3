"""Hosts: add, change, import, delete, and write down what the way to them is like."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from hosts.choices import HostRole, HostState
from hosts.errors import BadInput
from hosts.facts.words import Words, gettext_noop, reason, words
from hosts.models import Credential, Host, HostRoleRow, Organization, Tag
from hosts.services.audit import Actor, differences, note, snapshot
from hosts.services.scope import require_own_organization, require_visible

if TYPE_CHECKING:
    from hosts.facts.inventory import ImportedHost

WAY = ("address", "port", "username", "jump_host", "credential")


@transaction.atomic
def save_host(host: Host, *, by: Actor, roles: Iterable[str] | None = None, tags: Iterable[str] | None = None) -> Host:
    """Create or change a host. None leaves roles or tags as they are. Its key is asked for when the way is new."""
    old = Host.objects.select_for_update(of=("self",)).get(pk=host.pk) if host.pk else None
    before = snapshot(old) if old else {}
    _check_scope(host, old, by)
    _check_jumps(host)
    host.full_clean()
    if old is None or any(getattr(old, name) != getattr(host, name) for name in ("address", "port", "jump_host_id")):
        host.state = HostState.NEW
        host.state_since = timezone.now()
        host.state_why = ""
    host.save(update_fields=_written(host) if old else None)
    changed = differences(host, before)
    if roles is not None:
        changed |= _set_roles(host, roles)
    if tags is not None:
        changed |= _set_tags(host, tags)
    note(by, "change" if old else "create", host, organization=host.organization, details=changed if old else {})
    return host


@transaction.atomic
def delete_host(host: Host, *, by: Actor) -> None:
    """Take a host out of the panel. One that changes were made on is kept for the record: retire it instead."""
    if host.changes.exists():
        raise BadInput(
            words(
                gettext_noop(
                    "%(host)s has changes in the record, so it cannot be deleted. Set it to maintenance instead."
                ),
                host=host.name,
            )
        )
    if host.reached_through.exists():
        raise BadInput(
            words(
                gettext_noop("%(host)s is the jump host of other hosts. Give them another way first."), host=host.name
            )
        )
    note(by, "delete", host, organization=host.organization)
    host.delete()


@transaction.atomic
def set_maintenance(host: Host, *, is_on: bool, by: Actor) -> None:
    """Leave a host alone, or look after it again."""
    host.is_in_maintenance = is_on
    host.save(update_fields=["is_in_maintenance"])
    note(by, "maintenance on" if is_on else "maintenance off", host, organization=host.organization)


@transaction.atomic
def note_reachable(host: Host) -> None:
    """The host answered and let the panel in. A key that changed or waits meanwhile stays a matter for a person."""
    now = timezone.now()
    Host.objects.filter(pk=host.pk).update(last_seen_at=now)
    Host.objects.filter(pk=host.pk, state=HostState.UNREACHABLE).update(
        state=HostState.REACHABLE, state_since=now, state_why=""
    )
    host.refresh_from_db(fields=["last_seen_at", "state", "state_since", "state_why"])


@transaction.atomic
def note_unreachable(host: Host, *, why: Words | str, key_changed: bool = False) -> None:
    """No way in. `state_since` is kept from the first failure on; a changed key stays until a person decides."""
    current = Host.objects.get(pk=host.pk).state
    if current == HostState.KEY_CHANGED and not key_changed:
        return
    if current in (HostState.NEW, HostState.KEY_OFFERED) and not key_changed:
        Host.objects.filter(pk=host.pk).update(state_why=why)
        return
    state = HostState.KEY_CHANGED if key_changed else HostState.UNREACHABLE
    values: dict[str, object] = {"state_why": why}
    if current != state:
        values |= {"state": state, "state_since": timezone.now()}
    Host.objects.filter(pk=host.pk).update(**values)


@transaction.atomic
def import_hosts(
    rows: Iterable[ImportedHost],
    *,
    by: Actor,
    credential: Credential | None = None,
    organization: Organization | None = None,
) -> list[Host]:
    """Add all hosts of an inventory or none. Names that are there already are refused by name and line.

    An organization that a row names goes before the one given for all.
    """
    wanted = list(rows)
    known = set(Host.objects.filter(name__in=[row.name for row in wanted]).values_list("name", flat=True))
    owners = _organizations(wanted, by)
    made: dict[str, Host] = {}
    for row in wanted:
        if row.name in known:
            raise BadInput(
                words(
                    gettext_noop("Line %(line)s: %(name)s is already in the panel. Nothing was imported."),
                    line=row.line,
                    name=row.name,
                )
            )
        host = Host(
            name=row.name,
            address=row.address,
            port=row.port,
            username=row.username,
            use_sudo=row.sudo,
            site=row.site,
            notes=row.notes,
            credential=credential,
            organization=owners.get(row.organization, organization),
        )
        made[row.name] = _imported(host, row, by)
    for row in wanted:
        if row.jump:
            host = made[row.name]
            host.jump_host = made.get(row.jump) or _jump_in_panel(row, by)
            _imported(host, row, by)
    return list(made.values())


def _imported(host: Host, row: ImportedHost, by: Actor) -> Host:
    try:
        return save_host(host, by=by, roles=row.roles, tags=row.tags)
    except ValidationError as error:
        said = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
        raise BadInput(
            words(
                gettext_noop("Line %(line)s, %(name)s: %(why)s Nothing was imported."),
                line=row.line,
                name=row.name,
                why=said,
            )
        ) from error
    except BadInput as error:
        raise BadInput(
            words(
                gettext_noop("Line %(line)s, %(name)s: %(why)s Nothing was imported."),
                line=row.line,
                name=row.name,
                why=reason(error),
            ),
            field=error.field,
        ) from error


def _jump_in_panel(row: ImportedHost, by: Actor) -> Host:
    hosts = Host.objects.all() if by.user is None else Host.objects.visible_to(by.user)
    jump = hosts.filter(name=row.jump).first()
    if jump is None:
        raise BadInput(
            words(
                gettext_noop("Line %(line)s: the jump host %(jump)s is not known. Nothing was imported."),
                line=row.line,
                jump=row.jump,
            )
        )
    return jump


def _organizations(rows: Iterable[ImportedHost], by: Actor) -> dict[str, Organization]:
    """Each organization that a row names, by its name."""
    visible = Organization.objects.all() if by.user is None else Organization.objects.visible_to(by.user)
    named = {row.organization: row.line for row in rows if row.organization}
    found = {each.name: each for each in visible.filter(name__in=named)}
    for name, line in named.items():
        if name not in found:
            raise BadInput(
                words(
                    gettext_noop("Line %(line)s: there is no organization “%(name)s”. Nothing was imported."),
                    line=line,
                    name=name,
                )
            )
    return found


def _written(host: Host) -> list[str]:
    """The columns that a person edits and those of a new way; what workers write meanwhile is not overwritten."""
    state = ["state", "state_since", "state_why"] if host.state == HostState.NEW else []
    return [field.name for field in host._meta.concrete_fields if field.editable and not field.primary_key] + state


def _set_roles(host: Host, roles: Iterable[str]) -> dict[str, list[str]]:
    wanted = set(roles)
    if unknown := wanted - set(HostRole.values):
        raise BadInput(words(gettext_noop("“%(word)s” is not a role of a host."), word=min(unknown)), field="roles")
    before = set(host.role_rows.values_list("role", flat=True))
    host.role_rows.exclude(role__in=wanted).delete()
    HostRoleRow.objects.bulk_create([HostRoleRow(host=host, role=role) for role in sorted(wanted - before)])
    return _words_changed("roles", before, wanted)


def _set_tags(host: Host, names: Iterable[str]) -> dict[str, list[str]]:
    wanted = set(names)
    before = set(host.tags.values_list("name", flat=True))
    host.tags.set([tag_of(name) for name in sorted(wanted)])
    return _words_changed("tags", before, wanted)


def tag_of(name: str) -> Tag:
    """The tag of this name, made where there is none. BadInput for what cannot be one."""
    known = Tag.objects.filter(name=name).first()
    if known:
        return known
    fresh = Tag(name=name)
    try:
        fresh.full_clean()
    except ValidationError as error:
        raise BadInput(
            words(gettext_noop("“%(name)s” cannot be a tag: %(why)s"), name=name, why=" ".join(error.messages)),
            field="tags",
        ) from error
    fresh.save()
    return fresh


def _words_changed(name: str, before: set[str], after: set[str]) -> dict[str, list[str]]:
    return {} if before == after else {name: [", ".join(sorted(before)), ", ".join(sorted(after))]}


def _check_scope(host: Host, old: Host | None, by: Actor) -> None:
    """Organization, credential and jump host must be the person's to use. A credential of somebody else that the host
    has already may stay, but not be sent to another place."""
    if old:
        require_visible(by, old)
    require_own_organization(by, host.organization)
    if old is None or any(_now(old, name) != _now(host, name) for name in WAY):
        require_visible(by, host.credential, host.jump_host)


def _now(host: Host, name: str) -> object:
    return getattr(host, f"{name}_id", getattr(host, name))


def _check_jumps(host: Host) -> None:
    seen = {host.pk} if host.pk else set()
    jump = host.jump_host
    while jump is not None:
        if jump.pk in seen:
            raise BadInput(
                words(gettext_noop("Going through %(jump)s leads back to %(host)s."), jump=jump.name, host=host.name),
                field="jump_host",
            )
        seen.add(jump.pk)
        jump = jump.jump_host
