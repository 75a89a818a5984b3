"""Every page of the machines' part of the panel."""

from __future__ import annotations

from hosts.urls import machines, work

app_name = "hosts"
urlpatterns = [*machines.urlpatterns, *work.urlpatterns]
