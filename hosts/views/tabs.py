"""What other apps add to the page of a host. They are named in settings, because a lower app imports no upper one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from hosts.models import Host


@dataclass(frozen=True, slots=True)
class HostTab:
    """A tab of the host page: `key` is its part of the address, `may` says whether it is for who asks, `shown` gives
    its HTML, and `count` how many things in it wait (nothing is shown for 0).
    """

    key: str
    title: Any
    may: Callable[[HttpRequest], bool]
    shown: Callable[[HttpRequest, Host], str]
    count: Callable[[HttpRequest, Host], int]


def added_tabs(request: HttpRequest) -> list[HostTab]:
    """The tabs of HOST_TAB_PROVIDERS that are for this person."""
    tabs: list[HostTab] = [import_string(path) for path in settings.HOST_TAB_PROVIDERS]
    return [tab for tab in tabs if tab.may(request)]
