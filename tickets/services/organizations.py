"""What the desk knows of an organization, as agents work with it: who may see it, and its card changed."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words
from hosts.models import Organization, User
from hosts.services.audit import Actor
from hosts.services.scope import require_visible
from tickets.models import Contact, Customer, CustomerDomain, Ticket
from tickets.services import access
from tickets.services.order import save_row


def seen_by(user: User) -> QuerySet[Organization]:
    """The organizations an agent works for: those of theirs, and those of the tickets that they see."""
    if not user.is_superuser and access.agent_of(user) is None:
        return Organization.objects.none()
    if user.sees_everything:
        return Organization.objects.all()
    asked = Ticket.objects.visible_to(user).filter(organization=OuterRef("pk")).order_by()
    mine = Organization.objects.visible_to(user).values("pk")
    return Organization.objects.filter(Q(pk__in=mine) | Exists(asked))


def card_of(organization: Organization) -> Customer:
    """What the desk knows of it; an unsaved row where it knows nothing yet."""
    rows = Customer.objects.select_related("account_manager__user", "sla").prefetch_related("domains")
    return rows.filter(organization=organization).first() or Customer(organization=organization)


@transaction.atomic
def save_card(card: Customer, domains: Iterable[str], *, by: Actor) -> Customer:
    """Create or change it, with all of its mail domains; new ones bring their people in who have no organization yet.

    NotAllowed for an organization that the person does not see, BadInput for a domain of somebody else.
    """
    require_visible(by, card.organization)
    wanted = list(dict.fromkeys(domain.strip().lower().removeprefix("@") for domain in domains if domain.strip()))
    taken = CustomerDomain.objects.filter(domain__in=wanted).exclude(customer=card.pk or 0)
    for other in taken.select_related("customer__organization")[:1]:
        raise BadInput(
            words(
                gettext_noop("The domain %(domain)s belongs to another organization. Nothing was saved."),
                domain=other.domain,
            ),
            field="domains",
        )
    have = {row.domain: row for row in CustomerDomain.objects.filter(customer=card.pk or 0)}
    fresh = [name for name in wanted if name not in have]
    gone = [row for name, row in have.items() if name not in wanted]
    save_row(card, by=by, kept=[CustomerDomain(domain=name) for name in fresh], dropped=gone)
    for domain in fresh:
        _take_in(card.organization, domain)
    return card


def _take_in(organization: Organization, domain: str) -> None:
    """People who write from the domain and belong to nobody, with their tickets that belong to nobody."""
    theirs = Contact.objects.filter(organization=None, addresses__email__iendswith=f"@{domain}")
    keys = list(theirs.values_list("pk", flat=True))
    Contact.objects.filter(pk__in=keys).update(organization=organization)
    Ticket.objects.filter(contact__in=keys, organization=None).update(organization=organization)
