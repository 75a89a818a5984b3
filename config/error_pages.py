"""A request that cannot be answered in; a page that says what happened, what was kept and what to do out.

`config.urls` names these as Django's handlers, and settings the one for forms that are no longer good. Programs that
ask under /api/ get the same as JSON, in the shape of every other refusal there.
"""

from __future__ import annotations

import logging
import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from hosts.models import User
from hosts.views.shell import page, wants_fragment

logger = logging.getLogger(__name__)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: nothing is there, or nothing that this person may see; the page does not tell which."""
    del exception
    said = _("It was deleted, its address is mistyped, or it is something that your login does not show.")
    return _answer(request, 404, _("There is nothing at this address"), said, code="not_found", sign="search_off")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: a right is missing."""
    del exception
    said = _(
        "It takes a right that none of your roles holds, so nothing was changed. An administrator can give it to you."
    )
    return _answer(request, 403, _("Your login may not do this"), said, code="permission_denied", sign="lock")


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: what came is no request of this panel."""
    del exception
    said = _("What your browser sent was incomplete, too large, or meant for another address. Nothing was saved.")
    return _answer(request, 400, _("The panel could not read that"), said, code="invalid", sign="broken_image")


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token does not fit, as after a login in another window."""
    del reason
    said = _(
        "You logged in or out since it was opened, or your browser keeps no cookies. Nothing was saved: go back, copy "
        "what you typed, load the page again and send it from there."
    )
    return _answer(request, 403, _("This form is no longer good"), said, code="stale_form", sign="hourglass_disabled")


def broken(request: HttpRequest) -> HttpResponse:
    """500: an error in the panel. The id on the page stands in the log, beside the traceback.

    Needs neither the database nor the shell: either may be what is broken.
    """
    error_id = secrets.token_hex(4)
    logger.error("Error page %s for %s %s", error_id, request.method, request.path, exc_info=True)
    said = _(
        "What was saved before is still there. What you sent just now may not have been saved: go back, where it still "
        "stands in the form, look whether it arrived, and send it again if it did not."
    )
    return _answer(request, 500, _("The panel made a mistake"), said, code="error", sign="error", error_id=error_id)


def _answer(
    request: HttpRequest, status: int, head: str, said: str, *, code: str, sign: str, error_id: str = ""
) -> HttpResponse:
    answer: HttpResponse
    if request.path.startswith("/api/"):
        body = {"detail": f"{head}. {said}", "code": code} | ({"id": error_id} if error_id else {})
        answer = JsonResponse(body, status=status)
    elif wants_fragment(request):
        answer = HttpResponse(f"{head}. {said}", status=status, content_type="text/plain; charset=utf-8")
    else:
        context = {"status": status, "head": head, "said": said, "sign": sign, "error_id": error_id}
        answer = _drawn(request, context)
    if error_id:
        answer["Error-Id"] = error_id
    return answer


def _drawn(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """In the shell for those who work in it, else alone."""
    user = getattr(request, "user", None)
    if context["status"] != 500 and isinstance(user, User) and user.is_staff:
        return page(request, "config/error.html", context, title=context["head"], status=context["status"])
    known = isinstance(user, User) if context["status"] != 500 else True
    again = request.get_full_path() if context["status"] == 500 and request.method == "GET" else ""
    text = render_to_string("config/error_alone.html", {**context, "is_known": known, "again": again})
    return HttpResponse(text, status=context["status"])
