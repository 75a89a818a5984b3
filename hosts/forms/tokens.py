"""What an API token shall be able to do in; checked values out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanSwitchWidget,
)

from hosts.choices import Scope
from hosts.models import ApiToken

LIVES = (("30", _("30 days")), ("90", _("90 days")), ("365", _("a year")), ("", _("until it is revoked")))


class TokenForm(forms.ModelForm[ApiToken]):
    """A new token."""

    wanted = forms.MultipleChoiceField(
        label=_("It may"),
        choices=Scope.choices,
        initial=[Scope.READ],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Never more than you may yourself."),
    )
    lives = forms.ChoiceField(
        label=_("It lasts"), choices=LIVES, initial="90", required=False, widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = ApiToken
        fields = ("name",)

    @property
    def expires_at(self) -> Any:
        """When it ends; None for never."""
        days = self.cleaned_data.get("lives")
        return timezone.now() + timedelta(days=int(days)) if days else None


class RevokeForm(forms.ModelForm[ApiToken]):
    """The one thing that can be done with a token that was issued."""

    revoke = forms.BooleanField(
        label=_("Revoke it now"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Whatever uses this key is refused from then on. This cannot be taken back."),
    )

    class Meta:
        model = ApiToken
        fields = ()
