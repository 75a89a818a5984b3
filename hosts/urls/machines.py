"""Pages of machines: today, hosts, their keys and facts, imports, saved filters."""

from __future__ import annotations

from django.urls import URLPattern, path

from hosts.views import dashboard, enrolment, filters, host, host_edit, host_list, imports, picks

urlpatterns: list[URLPattern] = [
    path("", dashboard.today, name="dashboard"),
    path("today/running/", dashboard.running, name="dashboard-running"),
    path("hosts/", host_list.listed, name="host-list"),
    path("hosts/hosts.csv", host_list.exported, name="host-export"),
    path("hosts/selected/", host_list.selected, name="host-selected"),
    path("hosts/new/", host_edit.new, name="host-new"),
    path("hosts/find/", picks.suggested, name="host-find"),
    path("hosts/import/", imports.upload, name="host-import"),
    path("hosts/taken/", host_edit.taken, name="host-taken"),
    path("hosts/<int:pk>/", host.overview, name="host-detail"),
    path("hosts/<int:pk>/changes/", host.changes, name="host-changes"),
    path("hosts/<int:pk>/files/", host.files, name="host-files"),
    path("hosts/<int:pk>/network/", host.network, name="host-network"),
    path("hosts/<int:pk>/history/", host.history, name="host-history"),
    path("hosts/<int:pk>/more/<slug:key>/", host.added, name="host-added"),
    path("hosts/<int:pk>/card/", host.card, name="host-card"),
    path("hosts/<int:pk>/state/", host.live_state, name="host-state"),
    path("hosts/<int:pk>/edit/", host_edit.edit, name="host-edit"),
    path("hosts/<int:pk>/delete/", host_edit.delete, name="host-delete"),
    path("hosts/<int:pk>/maintenance/", host_edit.maintenance, name="host-maintenance"),
    path("hosts/<int:pk>/facts/", host_edit.ask_facts, name="host-ask-facts"),
    path("hosts/<int:pk>/keys/", enrolment.decide, name="host-keys"),
    path("filters/", filters.save, name="filter-save"),
    path("filters/<int:pk>/delete/", filters.delete, name="filter-delete"),
]
