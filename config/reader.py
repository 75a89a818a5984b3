"""Each request in the reader's language and time zone, and a new password before anything else where one is due."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation

from hosts.models import User


class ReaderMiddleware:
    """Turns language and clock to the person who is logged in.

    A language chosen with the switch (kept in the language cookie by Django's set_language) goes before the profile's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return self.get_response(request)
        if user.must_change_password and not _may_pass(request.path):
            return redirect("password-change")
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        with timezone.override(ZoneInfo(user.time_zone)):
            return self.get_response(request)


def _may_pass(path: str) -> bool:
    """The few pages that work before the first password is changed."""
    return path in (
        reverse("password-change"),
        reverse("logout"),
        reverse("set_language"),
    ) or path.startswith(settings.STATIC_URL)
