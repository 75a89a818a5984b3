"""A query string in, the rows it asks for out."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet

from hosts.choices import ChangeState, HostRole
from hosts.models import AuditEntry, Change, Host, HostFile, ManagedFile, Rollout
from hosts.models.change import ENDED


class HostFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Hosts by what the list page filters by."""

    name = django_filters.CharFilter(help_text="Exactly.")
    text = django_filters.CharFilter(field_name="name", lookup_expr="icontains", help_text="A part of the name.")
    role = django_filters.ChoiceFilter(field_name="role_rows__role", choices=HostRole.choices)
    tag = django_filters.CharFilter(field_name="tags__name")
    has_drift = django_filters.BooleanFilter(field_name="drifted_count", method="_more_than_none")
    has_findings = django_filters.BooleanFilter(field_name="findings_count", method="_more_than_none")

    class Meta:
        model = Host
        fields = ["state", "organization", "site", "address", "needs_reboot", "is_in_maintenance"]

    def _more_than_none(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:  # noqa: FBT001
        return rows.filter(**{f"{name}__gt": 0}) if value else rows.filter(**{name: 0})


class ChangeFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Changes by host, state, rollout and who planned them."""

    state = django_filters.MultipleChoiceFilter(choices=ChangeState.choices)
    open = django_filters.BooleanFilter(method="_open", help_text="Whether something may still happen.")
    planned_after = django_filters.IsoDateTimeFilter(field_name="planned_at", lookup_expr="gte")
    planned_before = django_filters.IsoDateTimeFilter(field_name="planned_at", lookup_expr="lt")

    class Meta:
        model = Change
        fields = ["host", "rollout", "source", "reference", "planned_by", "uuid"]

    def _open(self, rows: Any, name: str, value: bool) -> Any:  # noqa: FBT001
        return rows.open() if value else rows.filter(state__in=ENDED)


class RolloutFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Rollouts by state."""

    class Meta:
        model = Rollout
        fields = ["state", "planned_by"]


class ManagedFileFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Managed files by what they are called and where they lie."""

    class Meta:
        model = ManagedFile
        fields = ["name", "path", "organization", "role"]


class HostFileFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Files under management by host and state."""

    is_drifted = django_filters.BooleanFilter(method="_drifted")

    class Meta:
        model = HostFile
        fields = ["host", "managed_file", "state", "path"]

    def _drifted(self, rows: Any, name: str, value: bool) -> Any:  # noqa: FBT001
        states = ("drifted", "missing")
        return rows.filter(state__in=states) if value else rows.exclude(state__in=states)


class AuditFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Entries by who, what and when."""

    since = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte")
    until = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt")

    class Meta:
        model = AuditEntry
        fields = ["actor", "action", "via", "object_type", "object_id", "organization"]
