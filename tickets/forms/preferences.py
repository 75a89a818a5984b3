"""What an agent typed about themselves in; their rows, still unsaved, out."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from hosts.models import User
from tickets.models import Agent


class AgentForm(forms.ModelForm[Agent]):
    """How an agent answers and what they start with."""

    class Meta:
        model = Agent
        fields = ("signature", "signature_kind", "default_queue", "page_size", "is_on_vacation")
        widgets = {"signature": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "signature": _("Stands under your answers. Plain text."),
            "page_size": _("Between 10 and 200."),
            "is_on_vacation": _("While you are away you are given no tickets and no alerts."),
        }

    def __init__(self, *args: Any, queues: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["default_queue"] = forms.ChoiceField(
            label=Agent._meta.get_field("default_queue").verbose_name, choices=queues, required=False
        )
        self.fields["page_size"] = forms.IntegerField(
            label=Agent._meta.get_field("page_size").verbose_name, min_value=10, max_value=200
        )


class PersonForm(forms.ModelForm[User]):
    """How a person is called and in which language and time zone they read."""

    class Meta:
        model = User
        fields = ("name", "language", "time_zone")
        widgets = {"time_zone": forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"})}
        help_texts = {"time_zone": _("Times are shown in it, for example Asia/Seoul.")}

    @property
    def zones(self) -> list[str]:
        """The names that the tz database knows."""
        return sorted(available_timezones())
