"""A query string in, the rows of the desk it asks for out."""

from __future__ import annotations

from typing import Any

import django_filters

from tickets.choices import IncomingState, MailKind, OutgoingState, TicketSource, TicketState
from tickets.models import Contact, ContactAddress, IncomingMail, OutgoingMail, Task, Ticket, WebhookDelivery
from tickets.services.search import found, people_with


class TicketFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Tickets by what the queue page narrows by."""

    text = django_filters.CharFilter(
        method="_says", help_text="Words of the number, the subject, what was said, or of who takes part."
    )
    state = django_filters.MultipleChoiceFilter(choices=TicketState.choices)
    source = django_filters.MultipleChoiceFilter(choices=TicketSource.choices)
    tag = django_filters.CharFilter(field_name="tags__name")
    host = django_filters.NumberFilter(field_name="hosts")
    is_assigned = django_filters.BooleanFilter(method="_assigned", help_text="Whether an agent or a team has it.")
    created_after = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")
    active_after = django_filters.IsoDateTimeFilter(field_name="active_at", lookup_expr="gte")

    class Meta:
        model = Ticket
        fields = [
            "number", "status", "priority", "department", "topic", "agent", "team", "contact", "organization", "sla",
            "is_answered", "is_overdue", "cause_key", "merged_into",
        ]  # fmt: skip

    def _says(self, rows: Any, name: str, value: str) -> Any:
        return found(rows, value)

    def _assigned(self, rows: Any, name: str, value: bool) -> Any:  # noqa: FBT001
        nobody = {"agent": None, "team": None}
        return rows.exclude(**nobody) if value else rows.filter(**nobody)


class ContactFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Contacts by address, name and organization."""

    email = django_filters.CharFilter(field_name="addresses__email", lookup_expr="iexact", help_text="Exactly.")
    name = django_filters.CharFilter(lookup_expr="icontains", help_text="A part of the name.")
    text = django_filters.CharFilter(method="_says", help_text="Words of names, addresses and organizations.")
    has_failed = django_filters.BooleanFilter(method="_failed", help_text="Whether mail came back from an address.")

    class Meta:
        model = Contact
        fields = ["organization", "is_primary"]

    def _says(self, rows: Any, name: str, value: str) -> Any:
        return people_with(rows, value)

    def _failed(self, rows: Any, name: str, value: bool) -> Any:  # noqa: FBT001
        failed = ContactAddress.objects.exclude(failed_at=None).values("contact")
        return rows.filter(pk__in=failed) if value else rows.exclude(pk__in=failed)


class TaskFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Tasks by ticket and by who does them."""

    is_done = django_filters.BooleanFilter(field_name="closed_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Task
        fields = ["ticket", "department", "agent", "team", "is_overdue"]


class DeliveryFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Deliveries by webhook, event and state."""

    state = django_filters.MultipleChoiceFilter(choices=OutgoingState.choices)

    class Meta:
        model = WebhookDelivery
        fields = ["webhook", "event"]


class IncomingFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Mails that came in by what became of them."""

    state = django_filters.MultipleChoiceFilter(choices=IncomingState.choices)

    class Meta:
        model = IncomingMail
        fields = ["mailbox", "ticket"]


class OutgoingFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Mails on their way out by how far they are."""

    state = django_filters.MultipleChoiceFilter(choices=OutgoingState.choices)
    kind = django_filters.MultipleChoiceFilter(choices=MailKind.choices)

    class Meta:
        model = OutgoingMail
        fields = ["mailbox", "ticket", "entry", "contact", "agent", "to_email"]
