"""Canned responses: saved, deleted, and filled in for a ticket."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q, QuerySet

from hosts.models import User
from hosts.services.audit import Actor, differences, note, snapshot
from tickets.choices import MailKind, Permission
from tickets.facts.verbs import NewFile
from tickets.models import CannedFile, CannedResponse, Ticket
from tickets.render.variables import filled, names
from tickets.services import access
from tickets.services.files import clean_name
from tickets.services.house import desk
from tickets.services.mail_matter import Matter
from tickets.services.mail_people import contact_person
from tickets.services.mail_values import values_of


@transaction.atomic
def save_canned(
    row: CannedResponse, *, by: Actor, new_files: Iterable[NewFile] = (), dropped: Iterable[int] = ()
) -> CannedResponse:
    """Create or change a canned response; `dropped` are keys of its files that go."""
    _require(row, by)
    old = CannedResponse.objects.filter(pk=row.pk).first() if row.pk else None
    before = snapshot(old) if old is not None else None
    row.full_clean()
    row.save()
    row.attached.filter(pk__in=list(dropped)).delete()
    CannedFile.objects.bulk_create(
        CannedFile(canned=row, file_id=one.sha256, name=clean_name(one.name), content_type=one.content_type)
        for one in new_files
    )
    note(by, "create" if before is None else "change", row, details=differences(row, before or {}))
    return row


@transaction.atomic
def delete_canned(row: CannedResponse, *, by: Actor) -> None:
    """Delete it. Answers that were made from it stay."""
    _require(row, by)
    note(by, "delete", row)
    row.delete()


def canned_for(user: User, ticket: Ticket | None = None, *, even_resting: bool = False) -> QuerySet[CannedResponse]:
    """The active ones for every department and for the ticket's; without a ticket for all of the person's.

    With `even_resting` also those that are switched off, for who manages them.
    """
    rows = CannedResponse.objects.order_by("title")
    rows = rows if even_resting else rows.filter(is_active=True)
    if ticket is not None:
        return rows.filter(Q(department=None) | Q(department=ticket.department_id))
    if user.is_superuser:
        return rows
    agent = access.agent_of(user)
    if agent is None:
        return rows.none()
    departments = [agent.department_id, *agent.accesses.values_list("department", flat=True)]
    return rows.filter(Q(department=None) | Q(department__in=departments))


def files_for(keys: Iterable[int], ticket: Ticket, user: User) -> tuple[NewFile, ...]:
    """The files of canned responses that may be used in the ticket, each file once; other keys are left out."""
    rows = CannedFile.objects.filter(canned__in=canned_for(user, ticket).order_by().filter(pk__in=list(keys)))
    found = {row.file_id: row for row in rows.select_related("file").order_by("-pk")}
    return tuple(
        NewFile(row.name, row.content_type, row.file_id, row.file.size)
        for row in sorted(found.values(), key=lambda row: row.pk)
    )


def filled_for(row: CannedResponse, ticket: Ticket, *, by: Actor) -> str:
    """The text for this ticket's owner, in the owner's language and time zone. A name that has no value is left out."""
    matter = Matter(MailKind.TICKET_REPLY, ticket, None, by, desk())
    person = contact_person(ticket.contact)
    return filled(row.text, values_of(matter, person, names(row.text)))


def _require(row: CannedResponse, by: Actor) -> None:
    if row.department is None:
        access.require_anywhere(by, Permission.MANAGE_CANNED)
    else:
        access.require_in(by, row.department, Permission.MANAGE_CANNED)
