"""django-helpdesk as a peer: run by the Python that has it, `mail_peer.py DIRECTORY IMAP_PORT PASSWORD [SOCKET]`; JSON
out. SOCKET is the folder of a PostgreSQL's socket; without one its rows go into an SQLite.

Its own way to fetch (`helpdesk.email.process_email`), settings as its documentation has them; its answers go nowhere
(the dummy backend), which favours it: otherwise it speaks SMTP for each of them while it fetches.
"""

from __future__ import annotations

import json
import sys
import time
import types
from datetime import timedelta

import django
from django.conf import settings
from django.core.management import call_command

APPS = ["admin", "auth", "contenttypes", "humanize", "messages", "sessions", "sites"]


def main(place: str, port: int, password: str, socket: str = "") -> None:
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{place}/helpdesk.sqlite3"}
    if socket:
        database = {"ENGINE": "django.db.backends.postgresql", "NAME": "helpdesk", "USER": "rackdesk", "HOST": socket}
    settings.configure(
        SECRET_KEY="x" * 50,
        DATABASES={"default": database},
        INSTALLED_APPS=[*(f"django.contrib.{name}" for name in APPS), "rest_framework", "helpdesk"],
        SITE_ID=1,
        ROOT_URLCONF="peer_urls",
        MEDIA_ROOT=f"{place}/media",
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        LOGGING_CONFIG=None,
        HELPDESK_TEAMS_MODE_ENABLED=False,
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    )
    django.setup()
    from django.urls import include, path
    from django.utils import timezone

    urls = types.ModuleType("peer_urls")
    urls.urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk"))]
    sys.modules["peer_urls"] = urls
    call_command("migrate", verbosity=0)
    from helpdesk.email import process_email
    from helpdesk.models import FollowUpAttachment, Queue, Ticket

    Queue.objects.create(
        title="Support",
        slug="support",
        email_address="ticket@desk.example",
        allow_email_submission=True,
        email_box_type="imap",
        email_box_host="localhost",
        email_box_port=port,
        email_box_ssl=False,
        email_box_user="ticket",
        email_box_pass=password,
        email_box_imap_folder="INBOX",
        email_box_interval=0,
        email_box_last_check=timezone.now() - timedelta(hours=1),
    )
    began, cpu = time.perf_counter(), time.process_time()
    process_email(quiet=True)
    took = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
    print(json.dumps({"tickets": Ticket.objects.count(), "files": FollowUpAttachment.objects.count(), **took}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
