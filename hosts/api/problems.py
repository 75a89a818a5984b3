"""An exception in, an answer that says what happened, what was kept and what to do out."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models import ProtectedError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from hosts.errors import BadInput, Explainable, NotAllowed, WrongState
from hosts.facts.words import reason

STATUS: tuple[tuple[type[Explainable], int], ...] = ((NotAllowed, 403), (WrongState, 409), (Explainable, 400))


def explain(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: {"detail", "code", "field"?, "errors"?}; None lets an unexpected error be a 500."""
    if isinstance(error, Explainable):
        return _explained(error)
    if isinstance(error, ValidationError):
        return _invalid(error.message_dict if hasattr(error, "error_dict") else {"": error.messages})
    if isinstance(error, ProtectedError):
        return _answer(409, _("Other things still use it, so it was kept. Take it away from them first."), "in_use")
    if isinstance(error, IntegrityError):
        return _answer(409, _("Somebody else was faster with the same. Nothing was saved; look again."), "conflict")
    if isinstance(error, exceptions.ValidationError):
        return _invalid(_by_field(error.detail))
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    answer = exception_handler(error, context)
    if answer is not None and isinstance(error, exceptions.APIException):
        answer.data = {"detail": str(error.detail), "code": _code_of(error)}
    return answer


def _explained(error: Explainable) -> Response:
    status = next(status for kind, status in STATUS if isinstance(error, kind))
    field = error.field if isinstance(error, BadInput) else ""
    return _answer(status, reason(error).said_by(_), _code(type(error).__name__), field=field)


def _invalid(errors: dict[str, Any]) -> Response:
    """What was sent does not fit: all of it by field, and the first of it in words."""
    errors = {"" if name in ("__all__", "non_field_errors") else name: value for name, value in errors.items()}
    field = next(iter(errors), "")
    return _answer(400, _first(errors.get(field, "")), "invalid", field=field, errors=errors)


def _answer(status: int, detail: str, code: str, *, field: str = "", errors: dict[str, Any] | None = None) -> Response:
    set_rollback()
    body: dict[str, Any] = {"detail": detail, "code": code}
    if field:
        body["field"] = field
    if errors:
        body["errors"] = errors
    return Response(body, status=status)


def _by_field(detail: Any) -> dict[str, Any]:
    return dict(detail) if isinstance(detail, dict) else {"": detail}


def _first(found: Any) -> str:
    """The first sentence in whatever nest of lists and fields it lies."""
    while isinstance(found, (list, dict)):
        inner = list(found.values()) if isinstance(found, dict) else found
        found = next((each for each in inner if each), "")
    return str(found)


def _code_of(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    return codes if isinstance(codes, str) else error.default_code


def _code(name: str) -> str:
    """WrongState -> wrong_state."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
