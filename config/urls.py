"""Every path of the panel."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from config.account import PasswordChange
from config.icon import favicon

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="hosts:dashboard")),
    path("favicon.ico", favicon, name="favicon"),
    path("panel/login/", admin.site.login, name="login"),
    path("panel/logout/", admin.site.logout, name="logout"),
    path("panel/password/", PasswordChange.as_view(), name="password-change"),
    path("panel/settings/", admin.site.urls),
    path("panel/desk/", include("tickets.urls")),
    path("panel/dhcp/", include("dhcp.urls")),
    path("panel/", include("hosts.urls")),
    path("api/v1/", include("hosts.api_urls")),
    path("api/v1/", include("tickets.api_urls")),
    path("api/v1/", include("dhcp.api_urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-docs"),
    path("i18n/", include("django.conf.urls.i18n")),
]

handler400 = "config.error_pages.unreadable"
handler403 = "config.error_pages.forbidden"
handler404 = "config.error_pages.not_found"
handler500 = "config.error_pages.broken"
