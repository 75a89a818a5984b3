"""Every page of DHCP."""

from __future__ import annotations

from django.urls import path

from dhcp.views import overview

app_name = "dhcp"
urlpatterns = [
    path("", overview.overview, name="overview"),
]
