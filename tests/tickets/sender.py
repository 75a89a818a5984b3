"""A worker of its own: sends what is due until nothing is. To be killed by tests."""

from __future__ import annotations

import django

django.setup()

from tickets.tasks.send import send_due_mail  # noqa: E402

if __name__ == "__main__":
    send_due_mail()
