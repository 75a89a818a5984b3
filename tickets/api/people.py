"""Contacts, what is known of their organizations, and bans."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from hosts.api.front import apply_fields
from hosts.choices import Scope
from hosts.models import Organization
from tickets.api.front import ONCE, DeskViewSet, needs, once
from tickets.models import Ban, Contact, ContactAddress, Customer, CustomerDomain
from tickets.serializers.filters import ContactFilter
from tickets.serializers.people import (
    BanSerializer,
    ContactSerializer,
    CustomerSerializer,
    MergePlanSerializer,
    MoveAddressSerializer,
    OneAddressSerializer,
    OtherContactSerializer,
)
from tickets.services import access, contacts, order, organizations, people


@extend_schema(tags=["contacts"])
class ContactViewSet(ListModelMixin, RetrieveModelMixin, DeskViewSet):
    """People who ask for help: of the organizations that the asker sees, and of the tickets that they see."""

    queryset = Contact.objects.select_related("organization").prefetch_related("addresses")
    serializer_class = ContactSerializer
    filterset_class = ContactFilter
    needs = needs(reads=("merge_plan",), writes=("create", "partial_update", "merge", "move_address", "clear_failure"))

    def get_queryset(self) -> Any:
        rows = self.queryset
        if rows is None or getattr(self, "swagger_fake_view", False):
            return Contact.objects.none()
        return rows.filter(pk__in=contacts.seen_by(self.asker).values("pk"))

    @extend_schema(responses={201: ContactSerializer, 200: ContactSerializer}, parameters=[ONCE])
    def create(self, request: Request) -> Response:
        """Add a person."""
        sent = self.checked(ContactSerializer).validated_data
        row, status = once(request, lambda: self._saved(Contact(), sent))
        return Response(ContactSerializer(row, context=self.get_serializer_context()).data, status=status)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is named; `emails` replaces all of the addresses."""
        row = self.get_object()
        return self.shown(self._saved(row, self.checked(ContactSerializer, instance=row, partial=True).validated_data))

    def destroy(self, request: Request, pk: str) -> Response:
        """Delete a person who owns no ticket; refused (409) otherwise: then merge them, or give the tickets away."""
        order.delete_row(self.get_object(), by=self.by())
        return Response(status=204)

    @extend_schema(
        responses=MergePlanSerializer,
        parameters=[OpenApiParameter("contact", int, required=True, description="The other one's id.")],
    )
    @action(detail=True, url_path="merge-plan", pagination_class=None, filterset_class=None)
    def merge_plan(self, request: Request, pk: str) -> Response:
        """What `merge` with another one would do. It is not undone: look first."""
        row = self.get_object()
        asked = OtherContactSerializer(data=request.query_params, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        plan = contacts.merge_plan(row, asked.validated_data["contact"], by=self.by())
        return Response(MergePlanSerializer(plan).data)

    @extend_schema(request=OtherContactSerializer, responses=ContactSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str) -> Response:
        """Take another contact into this one: its tickets, entries and addresses become this one's, and it is gone."""
        row, sent = self.get_object(), self.checked(OtherContactSerializer).validated_data
        return self.shown(contacts.merge_contacts(row, sent["contact"], by=self.by()))

    @extend_schema(request=MoveAddressSerializer, responses=ContactSerializer)
    @action(detail=True, methods=["post"], url_path="move-address")
    def move_address(self, request: Request, pk: str) -> Response:
        """Give one of the addresses to another person, who is the answer; what it wrote stays where it is."""
        row, sent = self.get_object(), self.checked(MoveAddressSerializer).validated_data
        return self.shown(contacts.move_address(self._address(row, sent), sent["to"], by=self.by()))

    @extend_schema(request=OneAddressSerializer, responses=ContactSerializer)
    @action(detail=True, methods=["post"], url_path="clear-failure")
    def clear_failure(self, request: Request, pk: str) -> Response:
        """Send mail again to an address that mail came back from."""
        row, sent = self.get_object(), self.checked(OneAddressSerializer).validated_data
        contacts.clear_failure(self._address(row, sent), by=self.by())
        return self.shown(row)

    def _address(self, row: Contact, sent: dict[str, Any]) -> ContactAddress:
        found: ContactAddress = get_object_or_404(row.addresses.select_related("contact"), pk=sent["address"])
        return found

    def _saved(self, row: Contact, sent: dict[str, Any]) -> Contact:
        emails = sent.get("emails")
        if emails is None:
            emails = [one.email for one in sorted(row.addresses.all(), key=lambda one: (not one.is_main, one.pk))]
        return contacts.save_card(apply_fields(row, sent, leave_out=("emails",)), emails, by=self.by())


@extend_schema(tags=["contacts"])
class CustomerViewSet(DeskViewSet):
    """What the desk knows of the organizations that it works for. Each has the id of its organization."""

    queryset = Organization.objects.prefetch_related("customer__domains")
    serializer_class = CustomerSerializer
    needs = {**needs(), "partial_update": (Scope.PLAN, "tickets.change_customer")}

    def get_queryset(self) -> Any:
        rows = self.queryset
        if rows is None or getattr(self, "swagger_fake_view", False):
            return Organization.objects.none()
        return rows.filter(pk__in=organizations.seen_by(self.asker).values("pk"))

    @extend_schema(
        responses=CustomerSerializer(many=True),
        parameters=[OpenApiParameter("text", str, description="A part of the name or of a mail domain.")],
    )
    def list(self, request: Request) -> Response:
        """All of them, the newest organization first."""
        rows = self.get_queryset()
        for word in request.query_params.get("text", "").replace("\0", "").split():
            domains = CustomerDomain.objects.filter(domain__icontains=word).values("customer__organization")
            rows = rows.filter(Q(name__icontains=word) | Q(pk__in=domains))
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(CustomerSerializer([_card(row) for row in page], many=True).data)

    @extend_schema(responses=CustomerSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """One of them."""
        return Response(CustomerSerializer(_card(self.get_object())).data)

    @extend_schema(request=CustomerSerializer, responses=CustomerSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is named; a new domain brings its people in who belong to nobody yet."""
        card = _card(self.get_object())
        sent = dict(self.checked(CustomerSerializer, instance=card, partial=True).validated_data)
        domains = sent.pop("domains", None)
        if domains is None:
            domains = [one.domain for one in card.domains.all()] if card.pk else []
        saved = organizations.save_card(apply_fields(card, sent), domains, by=self.by())
        return Response(CustomerSerializer(organizations.card_of(saved.organization)).data)


@extend_schema(tags=["contacts"])
class BanViewSet(ListModelMixin, RetrieveModelMixin, DeskViewSet):
    """Addresses and domains whose mail opens and joins nothing."""

    queryset = Ban.objects.all()
    serializer_class = BanSerializer
    filterset_fields = ["pattern"]
    needs = {**needs(writes=("create", "destroy")), "partial_update": (Scope.PLAN, "tickets.change_ban")}

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows if self.asker.is_superuser or access.agent_of(self.asker) else rows.none()

    def create(self, request: Request) -> Response:
        """Ban an address, or a domain as @example.com. Once is enough."""
        sent = self.checked(BanSerializer).validated_data
        return self.shown(people.ban(sent["pattern"], notes=sent.get("notes", ""), by=self.by()), status=201)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the notes. Another address is another ban."""
        row = self.get_object()
        sent = self.checked(BanSerializer, instance=row, partial=True).validated_data
        return self.shown(order.save_row(apply_fields(row, sent, leave_out=("pattern",)), by=self.by()))

    def destroy(self, request: Request, pk: str) -> Response:
        """Let its mail in again."""
        people.unban(self.get_object(), by=self.by())
        return Response(status=204)


def _card(row: Organization) -> Customer:
    """What is known of it; an unsaved row where that is nothing yet."""
    found: Customer | None = getattr(row, "customer", None)
    return found if found is not None else Customer(organization=row)
