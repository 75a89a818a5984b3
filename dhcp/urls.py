"""Every page of DHCP."""

from __future__ import annotations

from django.urls import path

from dhcp.views import (
    declarations,
    exchanges,
    lease,
    leases,
    live,
    overview,
    problems,
    relays,
    reservation,
    reservation_import,
    reservations,
    servers,
    subnets,
)

app_name = "dhcp"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("check/", live.check, name="check"),
    path("findings/", problems.listed, name="problems"),
    path("findings/findings.csv", problems.exported, name="problem-export"),
    path("findings/<int:pk>/mend/", problems.mend, name="mend"),
    path("relays/", relays.listed, name="relays"),
    path("relays/new/", relays.new, name="relay-new"),
    path("relays/<int:pk>/", relays.detail, name="relay"),
    path("relays/<int:pk>/edit/", relays.edit, name="relay-edit"),
    path("relays/<int:pk>/delete/", relays.delete, name="relay-delete"),
    path("relays/<int:pk>/plan/", relays.plan, name="relay-plan"),
    path("servers/new/", servers.new, name="server-new"),
    path("servers/<int:pk>/", servers.detail, name="server"),
    path("servers/<int:pk>/edit/", servers.edit, name="server-edit"),
    path("servers/<int:pk>/delete/", servers.delete, name="server-delete"),
    path("servers/<int:pk>/review/", servers.file, name="server-file"),
    path("servers/<int:pk>/plan/", servers.plan, name="server-plan"),
    path("servers/<int:pk>/read/", servers.read, name="server-read"),
    path("servers/<int:pk>/take-over/", servers.take_over, name="take-over"),
    path("servers/<int:pk>/take-over/state/", servers.take_over_state, name="take-over-state"),
    path("subnets/<int:pk>/", subnets.detail, name="subnet"),
    path("subnets/<int:pk>/address/", subnets.address, name="address"),
    path("shared-networks/<int:pk>/", subnets.shared, name="shared-network"),
    # The forms of all that a server is made of: subnets, pools, groups, classes, keys (dhcp.views.kinds).
    path("servers/<int:server_pk>/new/<slug:slug>/", declarations.new, name="new"),
    path("edit/<slug:slug>/<int:pk>/", declarations.edit, name="edit"),
    path("delete/<slug:slug>/<int:pk>/", declarations.delete, name="delete"),
    # Leases, reservations and conversations.
    path("leases/", leases.listed, name="leases"),
    path("leases/export/", leases.exported, name="lease-export"),
    path("leases/who/", leases.who, name="lease-who"),
    path("leases/<int:pk>/", lease.lease, name="lease"),
    path("leases/<int:pk>/release/", lease.release, name="lease-release"),
    path("errands/<int:pk>/", lease.answer, name="errand-answer"),
    path("reservations/", reservations.listed, name="reservations"),
    path("reservations/export/", reservations.exported, name="reservation-export"),
    path("reservations/selected/", reservations.selected, name="reservation-selected"),
    path("reservations/new/", reservation_import.choose_for_new, name="reservation-choose"),
    path("reservations/import/", reservation_import.choose, name="reservation-import-choose"),
    path("reservations/<int:pk>/", reservation.reservation, name="reservation"),
    path("reservations/<int:pk>/delete/", reservation.delete, name="reservation-delete"),
    path("servers/<int:server_pk>/reservations/new/", reservation.new, name="reservation-new"),
    path("servers/<int:server_pk>/reservations/import/", reservation_import.upload, name="reservation-import"),
    path("servers/<int:server_pk>/reservations/remark/", reservation.remark, name="reservation-remark"),
    path("servers/<int:server_pk>/reservations/free/", reservation.free, name="reservation-free"),
    path("servers/<int:server_pk>/reservations/ping/", reservation.ping, name="reservation-ping"),
    path("conversations/", exchanges.listed, name="exchanges"),
    path("conversations/<int:pk>/", exchanges.exchange, name="exchange"),
]
