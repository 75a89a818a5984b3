"""Whose rows are whose: by the organization of the host that a server or a relay runs on."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db import models

from hosts.models import User

Row = TypeVar("Row", bound=models.Model)


class OnHostQuerySet(models.QuerySet[Row]):
    """Rows whose `host` says whose they are."""

    def visible_to(self, user: User) -> Self:
        """Those on hosts of the person's organizations; hosts of none belong to people who see everything."""
        return self if user.sees_everything else self.filter(host__organization__members=user)


class OfServerQuerySet(models.QuerySet[Row]):
    """Rows whose `server` says whose they are."""

    def visible_to(self, user: User) -> Self:
        """Those of servers on hosts of the person's organizations."""
        return self if user.sees_everything else self.filter(server__host__organization__members=user)
