"""How a task gets its name on the wire: written out, so that moving a file never changes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, cast

from celery import shared_task
from celery.contrib.django.task import DjangoTask

P = ParamSpec("P")


def named_task(name: str) -> Callable[[Callable[P, None]], DjangoTask[P, None]]:
    """A task called `name`. Front doors wake it by `delay_on_commit(pk)`, workers by `delay(pk)`."""
    return cast("Callable[[Callable[P, None]], DjangoTask[P, None]]", shared_task(name=name))
