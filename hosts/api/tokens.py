"""One's own tokens, and who one is."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from hosts.api.front import ScopedViewSet, person
from hosts.choices import Scope
from hosts.models import ApiToken
from hosts.serializers.access import IssuedTokenSerializer, MeSerializer, TokenSerializer
from hosts.services import access


@extend_schema(tags=["tokens"])
class TokenViewSet(ListModelMixin, RetrieveModelMixin, ScopedViewSet):
    """The asker's own tokens."""

    queryset = ApiToken.objects.all()
    serializer_class = TokenSerializer
    filterset_fields = ["name"]
    needs = {"revoke": (Scope.PLAN, "hosts.change_apitoken")}

    @extend_schema(request=TokenSerializer, responses={201: IssuedTokenSerializer})
    def create(self, request: Request) -> Response:
        """Issue a token. Its key is in this answer only. A token can issue none that may more than itself."""
        sent = self.checked(TokenSerializer).validated_data
        parent = request.auth if isinstance(request.auth, ApiToken) else None
        token, key = access.issue_token(
            self.asker, sent["name"], sent["scopes"], by=self.by(), expires_at=sent.get("expires_at"), parent=parent
        )
        token.key = key  # type: ignore[attr-defined]
        return Response(IssuedTokenSerializer(token).data, status=201)

    @extend_schema(request=None, responses=TokenSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """The key opens nothing from now on."""
        token = self.get_object()
        access.revoke_token(token, by=self.by())
        return self.shown(token)


@extend_schema(tags=["me"])
class MeViewSet(ViewSet):
    """Who asks."""

    needs = {"retrieve": (Scope.READ, "")}

    @extend_schema(responses=MeSerializer)
    def retrieve(self, request: Request) -> Response:
        """The person of the token or session, their permissions, and the token's scopes."""
        return Response(MeSerializer(person(request), context={"request": request}).data)
