"""The Celery app, and the only list of periodic work."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("rackdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "wake changes whose wake-up call was lost": {"task": "hosts.sweep_changes", "schedule": 10.0},
    "carry rollouts on": {"task": "hosts.sweep_rollouts", "schedule": 10.0},
    "read facts that are due": {"task": "hosts.sweep_facts", "schedule": 20.0},
    "look for drift that is due": {"task": "hosts.sweep_drift", "schedule": 60.0},
    "ask hosts whose key is still to be fetched": {"task": "hosts.sweep_enrolments", "schedule": 30.0},
    "do errands at DHCP servers whose wake-up call was lost": {"task": "dhcp.sweep_errands", "schedule": 10.0},
    "send mail whose wake-up call was lost or whose time has come": {"task": "tickets.sweep_outbox", "schedule": 10.0},
    "fetch from mailboxes whose turn it is": {"task": "tickets.sweep_mailboxes", "schedule": 5.0},
    "read mail that nobody reads": {"task": "tickets.sweep_mail_in", "schedule": 10.0},
    "mark tickets and tasks whose time has run out": {"task": "tickets.sweep_promises", "schedule": 30.0},
    "close tickets that were resolved days ago": {"task": "tickets.close_resolved", "schedule": 600.0},
    "tell other programs what happened": {"task": "tickets.sweep_webhooks", "schedule": 10.0},
    "remove files that nothing points at": {"task": "tickets.sweep_files", "schedule": 3600.0},
    "read leases and logs of DHCP servers whose turn it is": {"task": "dhcp.sweep_readings", "schedule": 10.0},
    "count how full networks are": {"task": "dhcp.sweep_samples", "schedule": 60.0},
    "forget old samples, holdings and conversations": {"task": "dhcp.forget_old", "schedule": 3600.0},
}
