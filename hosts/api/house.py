"""Organizations, tags and credentials: what hosts are put in order with."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from hosts.api.front import ScopedViewSet, apply_fields
from hosts.models import Credential, Organization, Tag
from hosts.serializers.credentials import CredentialSerializer
from hosts.serializers.fleet import OrganizationSerializer, TagSerializer
from hosts.services import credentials, house

SECRETS = ("private_key", "passphrase", "password", "generate")


class HouseViewSet(ListModelMixin, RetrieveModelMixin, ScopedViewSet):
    """Rows that are saved as they come."""

    model: type[Model]

    def create(self, request: Request) -> Response:
        """Add one."""
        return self.shown(self.save_row(self.model(), self.checked(self.serializer_class)), status=201)

    def update(self, request: Request, pk: str, *, partial: bool = False) -> Response:
        """Change it."""
        row = self.get_object()
        return self.shown(self.save_row(row, self.checked(self.serializer_class, instance=row, partial=partial)))

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is named only."""
        return self.update(request, pk, partial=True)

    def destroy(self, request: Request, pk: str) -> Response:
        """Delete it; refused while something uses it."""
        house.delete_row(self.get_object(), by=self.by())
        return Response(status=204)

    def save_row(self, row: Any, serializer: Any) -> Any:
        """One service call."""
        return house.save_row(apply_fields(row, serializer.validated_data), by=self.by())


@extend_schema(tags=["organizations"])
class OrganizationViewSet(HouseViewSet):
    """Customers, and parts of the own house: whose hosts they are."""

    model = Organization
    queryset = Organization.objects.all()
    serializer_class = OrganizationSerializer
    filterset_fields = ["name"]


@extend_schema(tags=["tags"])
class TagViewSet(HouseViewSet):
    """Free words that group hosts, the same for all organizations."""

    model = Tag
    queryset = Tag.objects.all()
    serializer_class = TagSerializer
    filterset_fields = ["name"]


@extend_schema(tags=["credentials"])
class CredentialViewSet(HouseViewSet):
    """Ways to log in. A secret can be sent and replaced; it is never given back."""

    model = Credential
    queryset = Credential.objects.all()
    serializer_class = CredentialSerializer
    filterset_fields = ["name", "kind", "organization"]

    def save_row(self, row: Any, serializer: Any) -> Credential:
        sent = serializer.validated_data
        credential = apply_fields(row, sent, leave_out=SECRETS)
        if sent.get("generate"):
            return credentials.generate_key(credential, by=self.by())
        return credentials.save_credential(
            credential,
            by=self.by(),
            key_text=sent.get("private_key", ""),
            passphrase=sent.get("passphrase", ""),
            password=sent.get("password", ""),
        )
