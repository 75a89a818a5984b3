"""A request in, a page in the shell out: who may come in, and what every page carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, NamedTuple, TypeVar, cast
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from unfold.sites import UnfoldAdminSite

from hosts.models import User

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
SHELL = UnfoldAdminSite(name="admin")
"""The frame around our own pages. It has no tables: to list those that somebody may see takes longer than all else of
the frame, and our sidebar does not show them.
"""
STOP_POLLING = 286
"""The status that tells htmx to stop asking for a fragment."""


class Crumb(NamedTuple):
    """One step of the way to a page."""

    title: object
    url: str


def person(request: HttpRequest) -> User:
    """Who asks; only behind `staff`, which lets nobody else through."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def staff(*permissions: str) -> Callable[[View], View]:
    """For people who are logged in, staff, and hold each of the permissions. 403 otherwise; the login for strangers.

    A fragment asked for by htmx after the login expired makes the whole page go to the login, not the fragment;
    a form sent after it comes back to the page it was on, where the browser still has what was typed.
    """

    def guarded(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_login(request)
            if not person(request).is_staff or not request.user.has_perms(permissions):
                raise PermissionDenied
            answer: HttpResponseBase = view(request, *args, **kwargs)
            return answer

        return cast(View, inner)

    return guarded


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    title: object,
    crumbs: tuple[Crumb, ...] = (),
    status: int = 200,
) -> HttpResponse:
    """`template` in the shell, with the sidebar, the colours and the way back. `title` is also the tab's title."""
    shell = SHELL.each_context(request)
    return render(request, template, {**shell, "title": title, "crumbs": crumbs, **context}, status=status)


def fragment(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, is_at_end: bool = False
) -> HttpResponse:
    """A piece of a page for htmx; `is_at_end` ends the asking."""
    return render(request, template, context, status=STOP_POLLING if is_at_end else 200)


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks, so that only the piece is wanted."""
    return request.headers.get("HX-Request") == "true"


def back_to(request: HttpRequest, fallback: str, *args: object) -> str:
    """Where a button leads back to: its `next`, where that is a page of this panel; otherwise `fallback`."""
    wanted = request.POST.get("next", "") or request.GET.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return resolve_url(fallback, *args)


def _to_login(request: HttpRequest) -> HttpResponse:
    came_from = request.get_full_path()
    if request.method != "GET" or wants_fragment(request):
        parts = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer", ""))
        came_from = f"{parts.path}?{parts.query}".rstrip("?") or resolve_url("hosts:dashboard")
    answer = redirect_to_login(came_from)
    if wants_fragment(request):
        url = answer["Location"]
        answer = HttpResponse(status=204)  # type: ignore[assignment]
        answer["HX-Redirect"] = url
    return answer
