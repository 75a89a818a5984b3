"""A browser that asks for /favicon.ico, as pages without a link to an icon make it, in; the panel's icon out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static


def favicon(request: HttpRequest) -> HttpResponse:
    """Lead to the icon among the static files, whatever name the current release gives it."""
    return redirect(static("config/icon.svg"))
