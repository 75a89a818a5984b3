"""The app's place in Django; nothing happens in ready()."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DhcpConfig(AppConfig):
    """Subnets, relays, reservations and leases."""

    name = "dhcp"
    verbose_name = _("DHCP")
    default_auto_field = "django.db.models.BigAutoField"
