"""What the OpenAPI description says beyond the views: how to come in, and what every error looks like."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension

PROBLEM = "#/components/schemas/Problem"
ERRORS = {
    "400": _("What was sent cannot be used."),
    "401": _("The token is missing, unknown, expired or revoked."),
    "403": _("The token lacks the scope, or the person the permission."),
    "404": _("There is no such thing, or it belongs to an organization that is not yours."),
    "409": _("Something or somebody was faster; read it again."),
    "429": _("Too many requests; wait a minute."),
}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Bearer rd_…`."""

    target_class = "hosts.permissions.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """As OpenAPI names it."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "rd_…"}


def with_problems(result: dict[str, Any], generator: Any, **options: Any) -> dict[str, Any]:
    """The description with the errors that every operation can answer (a postprocessing hook of drf-spectacular)."""
    text = {"type": "string"}
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = {
        "type": "object",
        "description": str(_("What every error looks like: what happened, what was kept, and what to do.")),
        "properties": {
            "detail": text,
            "code": {**text, "description": "bad_input, not_allowed, wrong_state, invalid, not_found, ..."},
            "field": {**text, "description": str(_("The field it is about, where there is one."))},
            "errors": {"type": "object", "additionalProperties": {}},
        },
        "required": ["detail", "code"],
    }
    for path in result["paths"].values():
        for method, operation in path.items():
            _add_errors(operation, has_body=method in ("post", "put", "patch"))
    return result


def _add_errors(operation: dict[str, Any], *, has_body: bool) -> None:
    for status, said in ERRORS.items():
        if has_body or status not in ("400", "409"):
            answer = {"description": str(said), "content": {"application/json": {"schema": {"$ref": PROBLEM}}}}
            operation["responses"].setdefault(status, answer)
