"""Pages of work: changes, rollouts, managed files, drift."""

from __future__ import annotations

from django.urls import URLPattern, path

from hosts.views import change_list, change_new, changes, drift, managed, rollouts

urlpatterns: list[URLPattern] = [
    path("changes/", change_list.listed, name="change-list"),
    path("changes/changes.csv", change_list.exported, name="change-export"),
    path("changes/selected/", change_list.selected, name="change-selected"),
    path("changes/new/", change_new.new, name="change-new"),
    path("changes/new/hosts/", change_new.hosts, name="change-new-hosts"),
    path("changes/new/preview/", change_new.preview, name="change-new-preview"),
    path("changes/<int:pk>/", changes.detail, name="change-detail"),
    path("changes/<int:pk>/live/", changes.live, name="change-live"),
    path("changes/<int:pk>/log/", changes.log, name="change-log"),
    path("changes/<int:pk>/log.txt", changes.log_text, name="change-log-text"),
    path("changes/<int:pk>/files/<int:file_pk>/", changes.file, name="change-file"),
    path("changes/<int:pk>/<slug:verb>/", changes.decide, name="change-decide"),
    path("rollouts/", rollouts.listed, name="rollout-list"),
    path("rollouts/<int:pk>/", rollouts.detail, name="rollout-detail"),
    path("rollouts/<int:pk>/live/", rollouts.live, name="rollout-live"),
    path("rollouts/<int:pk>/<slug:verb>/", rollouts.decide, name="rollout-decide"),
    path("files/", managed.listed, name="managed-file-list"),
    path("files/new/", managed.new, name="managed-file-new"),
    path("files/preview/", managed.preview, name="managed-file-preview"),
    path("files/hosts/", managed.hosts, name="managed-file-hosts"),
    path("files/<int:pk>/", managed.detail, name="managed-file-detail"),
    path("files/<int:pk>/edit/", managed.edit, name="managed-file-edit"),
    path("files/<int:pk>/plan/", managed.plan, name="managed-file-plan"),
    path("files/<int:pk>/delete/", managed.delete, name="managed-file-delete"),
    path("files/own/<int:pk>/drop/", managed.drop_own, name="managed-file-drop-own"),
    path("drift/", drift.listed, name="drift-list"),
    path("drift/look/", drift.look, name="drift-look"),
    path("drift/selected/", drift.selected, name="drift-selected"),
    path("drift/<int:pk>/", drift.detail, name="drift-detail"),
    path("drift/<int:pk>/adopt/", drift.adopt, name="drift-adopt"),
    path("drift/<int:pk>/overwrite/", drift.overwrite, name="drift-overwrite"),
]
