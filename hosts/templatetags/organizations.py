"""An organization in, the address of its page out. Upper apps have such pages; they are named in settings."""

from __future__ import annotations

from collections.abc import Callable

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template import RequestContext
from django.urls import reverse
from django.utils.module_loading import import_string

register = template.Library()
OrganizationPage = Callable[[HttpRequest, int], str]
"""(who asks, an organization's key) -> where it is shown, "" for who may not see it there."""


@register.simple_tag(takes_context=True)
def organization_page(context: RequestContext, pk: int) -> str:
    """The first page of ORGANIZATION_PAGES that the reader may see; else the list of its hosts."""
    request = context["request"]
    pages: list[OrganizationPage] = [import_string(path) for path in settings.ORGANIZATION_PAGES]
    found = next((where for page in pages if (where := page(request, pk))), "")
    return found or f"{reverse('hosts:host-list')}?organization={pk}"
