"""A program that talks to the API: a test client with a token, and the wake-up calls it caused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery.signals import before_task_publish
from rest_framework.test import APIClient

from hosts.models import User
from tests import make

ROOT = "/api/v1"


class Program:
    """Requests with a person's token; answers are the response with `.json()`."""

    def __init__(
        self, person: User | None = None, scopes: tuple[str, ...] = make.SCOPES, *, name: str = "script"
    ) -> None:
        self.person = person or make.operator()
        self.token, self.key = make.token(self.person, scopes, name)
        self.client = APIClient(HTTP_AUTHORIZATION=f"Bearer {self.key}")

    def get(self, path: str, **query: Any) -> Any:
        """GET of a path under the root."""
        return self.client.get(f"{ROOT}{path}", query)

    def post(self, path: str, data: Any = None, *, once: str = "") -> Any:
        """POST as JSON; `once` is the Idempotency-Key."""
        headers = {"Idempotency-Key": once} if once else {}
        return self.client.post(f"{ROOT}{path}", data, format="json", headers=headers)

    def patch(self, path: str, data: Any) -> Any:
        """PATCH as JSON."""
        return self.client.patch(f"{ROOT}{path}", data, format="json")

    def put(self, path: str, data: Any) -> Any:
        """PUT as JSON."""
        return self.client.put(f"{ROOT}{path}", data, format="json")

    def delete(self, path: str) -> Any:
        """DELETE of a path."""
        return self.client.delete(f"{ROOT}{path}")


@contextmanager
def wake_ups(capture_on_commit: Any) -> Iterator[list[tuple[str, int]]]:
    """The tasks published in the block: (name, first argument). Give it django_capture_on_commit_callbacks."""
    published: list[tuple[str, int]] = []

    def keep(sender: str, body: Any, **_: Any) -> None:
        published.append((sender.removeprefix("hosts."), body[0][0]))

    before_task_publish.connect(keep, weak=False)
    try:
        with capture_on_commit(execute=True):
            yield published
    finally:
        before_task_publish.disconnect(keep)
