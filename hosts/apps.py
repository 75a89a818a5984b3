"""The app's place in Django; nothing happens in ready()."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HostsConfig(AppConfig):
    """Machines, organizations, people, SSH and changes."""

    name = "hosts"
    verbose_name = _("Machines")
    default_auto_field = "django.db.models.BigAutoField"
