"""A host's report comes in; its history grows when something changed, and the host list knows the essentials."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from hosts.facts.finding import Finding
from hosts.facts.report import HostReport
from hosts.models import FactsRecord, Host
from hosts.rules import findings
from hosts.rules.jitter import spread
from hosts.services.audit import Actor, note
from hosts.services.cards import keep_cards
from hosts.services.fleet import note_reachable

ASK_AGAIN_AFTER = timedelta(minutes=5)


@transaction.atomic
def record_facts(host: Host, report: HostReport, *, taken_at: datetime) -> FactsRecord:
    """Keep a report. A new record is made only where something other than the volatile part differs."""
    found = [_row(finding) for finding in findings.of_report(report, taken_at)]
    damage = [words.as_json() for words in report.damage]
    latest = host.facts_records.order_by("-last_at").first()
    if latest and latest.digest == report.digest:
        latest.last_at, latest.report, latest.findings, latest.damage = taken_at, report.as_json(), found, damage
        latest.save()
    else:
        latest = FactsRecord.objects.create(
            host=host,
            first_at=taken_at,
            last_at=taken_at,
            digest=report.digest,
            report=report.as_json(),
            findings=found,
            damage=damage,
        )
    keep_cards(host, report)
    host.os_name = (report.system.os_name if report.system else "")[:120]
    host.kernel = (report.system.kernel if report.system else "")[:120]
    host.needs_reboot = bool(report.reboot and report.reboot.pending)
    host.findings_count = len(found)
    host.facts_asked_at = None
    host.next_facts_at = taken_at + timedelta(seconds=spread(settings.FACTS_EVERY_SECONDS, host.pk))
    host.save(update_fields=["os_name", "kernel", "needs_reboot", "findings_count", "facts_asked_at", "next_facts_at"])
    note_reachable(host)
    return latest


@transaction.atomic
def ask_for_facts(host: Host, *, by: Actor) -> None:
    """A person wants the facts now; the front door wakes a worker."""
    now = timezone.now()
    Host.objects.filter(pk=host.pk).update(facts_asked_at=now, next_facts_at=now)
    note(by, "ask for facts", host, organization=host.organization)


def put_off_facts(host: Host) -> None:
    """The host was not reached: ask again later, not at once."""
    later = timezone.now() + timedelta(seconds=spread(settings.FACTS_EVERY_SECONDS / 3, host.pk))
    Host.objects.filter(pk=host.pk).update(next_facts_at=later, facts_asked_at=None)


@transaction.atomic
def claim_due_facts(limit: int = 100) -> list[int]:
    """Hosts whose facts are due, their next turn put off so that no second sweep takes them as well."""
    now = timezone.now()
    due = list(Host.objects.facts_due(now).order_by("next_facts_at", "id").values_list("pk", flat=True)[:limit])
    Host.objects.filter(pk__in=due).update(next_facts_at=now + ASK_AGAIN_AFTER)
    return due


@transaction.atomic
def claim_due_drift(limit: int = 100) -> list[int]:
    """Hosts with files under management that are to be looked at, taken the same way."""
    now = timezone.now()
    due = Host.objects.speakable().filter(files__isnull=False).exclude(next_drift_at__gt=now).distinct()
    ids = list(due.order_by("next_drift_at", "id").values_list("pk", flat=True)[:limit])
    Host.objects.filter(pk__in=ids).update(next_drift_at=now + ASK_AGAIN_AFTER)
    return ids


def _row(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "severity": finding.severity,
        "subject": finding.subject,
        "title": finding.title.as_json(),
        "why": finding.why.as_json(),
        "what_to_do": finding.what_to_do.as_json(),
    }
