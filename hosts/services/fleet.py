"""Hosts: add, change, import, delete, and write down what the way to them is like."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from hosts.choices import HostRole, HostState
from hosts.errors import BadInput
from hosts.models import Credential, Host, HostRoleRow, Organization, Tag
from hosts.services.audit import Actor, differences, note, snapshot

if TYPE_CHECKING:
    from hosts.facts.inventory import ImportedHost


@transaction.atomic
def save_host(host: Host, *, by: Actor, roles: Iterable[str] | None = None, tags: Iterable[str] | None = None) -> Host:
    """Create or change a host. None leaves roles or tags as they are. Its key is asked for when the way is new."""
    before = snapshot(Host.objects.get(pk=host.pk)) if host.pk else {}
    _check_jumps(host)
    host.full_clean()
    way_is_new = not before or any(
        before[name] != str(getattr(host, name) if name != "jump_host" else host.jump_host_id)
        for name in ("address", "port", "jump_host")
    )
    if way_is_new:
        host.state = HostState.NEW
        host.state_since = timezone.now()
        host.state_why = ""
    host.save()
    changed = differences(host, before)
    if roles is not None:
        _set_roles(host, roles)
    if tags is not None:
        host.tags.set([Tag.objects.get_or_create(name=name)[0] for name in dict.fromkeys(tags)])
    note(by, "change" if before else "create", host, organization=host.organization, details=changed if before else {})
    return host


@transaction.atomic
def delete_host(host: Host, *, by: Actor) -> None:
    """Take a host out of the panel. One that changes were made on is kept for the record: retire it instead."""
    if host.changes.exists():
        raise BadInput(
            f"{host.name} has changes in the record, so it cannot be deleted. Set it to maintenance instead."
        )
    if host.reached_through.exists():
        raise BadInput(f"{host.name} is the jump host of other hosts. Give them another way first.")
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
    """The host answered and let the panel in."""
    now = timezone.now()
    host.last_seen_at = now
    fields = ["last_seen_at"]
    if host.state != HostState.REACHABLE:
        host.state, host.state_since, host.state_why = HostState.REACHABLE, now, ""
        fields += ["state", "state_since", "state_why"]
    host.save(update_fields=fields)


@transaction.atomic
def note_unreachable(host: Host, *, why: str, key_changed: bool = False) -> None:
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

    A host that names no organization of its own gets `organization`; one that names an unknown one is refused.
    """
    wanted = list(rows)
    known = set(Host.objects.filter(name__in=[row.name for row in wanted]).values_list("name", flat=True))
    for row in wanted:
        if row.name in known:
            raise BadInput(f"Line {row.line}: {row.name} is already in the panel. Nothing was imported.")
    owners = _owners(wanted)
    made: dict[str, Host] = {}
    for row in wanted:
        host = Host(
            name=row.name,
            address=row.address,
            port=row.port,
            username=row.username,
            use_sudo=row.sudo,
            notes=row.notes,
            site=row.site,
            credential=credential,
            organization=owners.get(row.organization, organization),
        )
        try:
            made[row.name] = save_host(host, by=by, roles=row.roles, tags=row.tags)
        except ValidationError as error:
            words = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
            raise BadInput(f"Line {row.line}, {row.name}: {words} Nothing was imported.") from error
    for row in wanted:
        if row.jump:
            jump = made.get(row.jump) or Host.objects.filter(name=row.jump).first()
            if jump is None:
                raise BadInput(f"Line {row.line}: the jump host {row.jump} is not known. Nothing was imported.")
            made[row.name].jump_host = jump
            save_host(made[row.name], by=by)
    return list(made.values())


def _set_roles(host: Host, roles: Iterable[str]) -> None:
    wanted = {HostRole(role).value for role in roles}
    host.role_rows.exclude(role__in=wanted).delete()
    HostRoleRow.objects.bulk_create([HostRoleRow(host=host, role=role) for role in wanted], ignore_conflicts=True)


def _check_jumps(host: Host) -> None:
    seen = {host.pk} if host.pk else set()
    jump = host.jump_host
    while jump is not None:
        if jump.pk in seen:
            raise BadInput(f"Going through {jump.name} leads back to {host.name}.", field="jump_host")
        seen.add(jump.pk)
        jump = jump.jump_host


def _owners(rows: Iterable[ImportedHost]) -> dict[str, Organization]:
    """The organizations that the rows name, by that name."""
    named = {row.organization: row for row in rows if row.organization}
    known = {organization.name: organization for organization in Organization.objects.filter(name__in=named)}
    for name, row in named.items():
        if name not in known:
            raise BadInput(f"Line {row.line}: there is no organization “{name}”. Add it first. Nothing was imported.")
    return known
