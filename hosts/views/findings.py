"""Hosts in; their findings gathered by what they say, the gravest and most frequent first, out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from hosts.choices import Severity
from hosts.models import FactsRecord, Host

HOSTS_READ = 500
KINDS_SHOWN = 6
HOSTS_SHOWN = 3
RANKS = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.NOTE: 2}


@dataclass(slots=True)
class Gathered:
    """One finding of several hosts. `title` is the stored sentence of one of them."""

    severity: str
    title: list[Any]
    hosts: list[Host] = field(default_factory=list)

    @property
    def shown_hosts(self) -> list[Host]:
        """The hosts that are named."""
        return self.hosts[:HOSTS_SHOWN]

    @property
    def more(self) -> int:
        """How many hosts are not named."""
        return max(0, len(self.hosts) - HOSTS_SHOWN)


def worst_findings(hosts: QuerySet[Host], most: int = KINDS_SHOWN) -> list[Gathered]:
    """The findings of the newest facts of each host. Hosts in maintenance are left out."""
    newest = FactsRecord.objects.filter(host=OuterRef("pk")).order_by("-last_at")
    rows = hosts.filter(findings_count__gt=0, is_in_maintenance=False).order_by("name").only("name")
    annotated = rows.annotate(found=Subquery(newest.values("findings")[:1]))[:HOSTS_READ]
    gathered: dict[str, Gathered] = {}
    for host in annotated:
        for row in _rows(host.found):
            name = f"{row.get('id', '')} {row['severity']}"
            kind = gathered.setdefault(name, Gathered(row["severity"], row["title"]))
            if host not in kind.hosts:
                kind.hosts.append(host)
    return sorted(gathered.values(), key=lambda each: (_rank(each.severity), -len(each.hosts)))[:most]


def _rows(found: Any) -> Iterable[dict[str, Any]]:
    return [row for row in found or () if "title" in row and "severity" in row]


def _rank(severity: str) -> int:
    return RANKS.get(Severity(severity), 3) if severity in Severity.values else 3
