"""The page on which a person chooses a new password; it lifts the duty to change a generated one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminOwnPasswordChangeForm

from hosts.services import access


class PasswordChange(PasswordChangeView):
    """Old password, new password twice."""

    template_name = "registration/password_change_form.html"
    form_class = AdminOwnPasswordChangeForm
    success_url = reverse_lazy("hosts:dashboard")
    title = _("Choose a new password")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**admin.site.each_context(self.request), **super().get_context_data(**kwargs)}

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        access.note_password_change(self.request.user)
        return response
