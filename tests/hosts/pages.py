"""A logged-in browser without a screen: what the tests of pages share."""

from __future__ import annotations

from typing import Any

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from hosts.models import User


def logged_in(user: User) -> Client:
    """A client with this person's session."""
    client = Client()
    client.force_login(user)
    return client


def url(name: str, *args: object, query: str = "") -> str:
    """The address of a page by its name."""
    address = reverse(name if ":" in name else f"hosts:{name}", args=args)
    return f"{address}?{query}" if query else address


def text_of(response: Any) -> str:
    """The answer as text, also a streamed one."""
    data = b"".join(response.streaming_content) if response.streaming else response.content
    return data.decode()


def said(response: Any) -> list[str]:
    """The messages that the answer carries for the next page."""
    return [str(message) for message in get_messages(response.wsgi_request)]
