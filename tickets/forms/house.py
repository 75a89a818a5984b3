"""What was typed of the desk's own order in; checked, still unsaved rows out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from hosts.errors import BadInput
from hosts.facts.words import reason
from hosts.models import User
from tickets.choices import AlertTo, MailKind, NumberKind, Permission
from tickets.models import Agent, DeskSettings, Role, Schedule, Sequence, Status
from tickets.parse.working_hours import days_off, working_hours
from tickets.rules.alerts import FOR_AGENTS

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LEAST_RANDOM = 5


def _hours_of(label: Any) -> forms.CharField:
    widget = UnfoldAdminTextInputWidget(attrs={"placeholder": "09:00–18:00"})
    return forms.CharField(label=label, required=False, max_length=120, widget=widget)


class AlertsWidget(forms.Widget):
    """A table of checkboxes: a line for each kind of mail, a column for each group of people."""

    template_name = "tickets/settings/alerts.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The lines as they are drawn."""
        context = super().get_context(name, value, attrs)
        chosen: Mapping[str, Iterable[str]] = value if isinstance(value, dict) else {}
        context["columns"] = [to.label for to in AlertTo]
        context["lines"] = [
            {
                "label": kind.label,
                "cells": [
                    {"value": f"{kind.value}|{to.value}", "label": to.label, "on": to.value in chosen.get(kind, ())}
                    for to in AlertTo
                ],
            }
            for kind in MailKind
            if kind in FOR_AGENTS
        ]
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, list[str]]:
        """{kind of mail: [who is told]} of the boxes that are ticked."""
        found: dict[str, list[str]] = {kind.value: [] for kind in MailKind if kind in FOR_AGENTS}
        for pair in data.getlist(name):
            kind, _bar, to = pair.partition("|")
            found.setdefault(kind, []).append(to)
        return found


class AlertsField(forms.Field):
    """The matrix of alerts."""

    widget = AlertsWidget

    def clean(self, value: Any) -> dict[str, list[str]]:
        """The matrix; ValidationError for a kind or a group that does not exist."""
        for kind, people in value.items():
            if kind not in FOR_AGENTS or not set(people) <= set(AlertTo.values):
                raise ValidationError(gettext("There is no such alert. Load the page again."))
        return {kind: [to for to in AlertTo.values if to in people] for kind, people in value.items()}

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(initial != data)


class DeskForm(forms.ModelForm[DeskSettings]):
    """What the desk as a whole is set to."""

    alerts = AlertsField(label=_("Who is told of what"), required=False)

    class Meta:
        model = DeskSettings
        fields = "__all__"


class RoleForm(forms.ModelForm[Role]):
    """A role and what it allows."""

    permissions = forms.MultipleChoiceField(
        label=_("It allows"),
        choices=Permission.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Whoever has the role in a department may always read that department's tickets."),
    )

    class Meta:
        model = Role
        fields = ("name", "permissions", "notes")


class AgentForm(forms.ModelForm[Agent]):
    """A person of the staff as an agent."""

    class Meta:
        model = Agent
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields.get("user")
        if people is not None:
            free = User.objects.filter(is_staff=True, is_active=True, agent=None).order_by("name", "email")
            people.queryset = User.objects.filter(pk=self.instance.user_id) if self.instance.pk else free


class ScheduleForm(forms.ModelForm[Schedule]):
    """Working hours, typed day by day."""

    time_zone = forms.ChoiceField(label=_("time zone"), initial="UTC", widget=UnfoldAdminSelect2Widget)
    mon = _hours_of(_("Monday"))
    tue = _hours_of(_("Tuesday"))
    wed = _hours_of(_("Wednesday"))
    thu = _hours_of(_("Thursday"))
    fri = _hours_of(_("Friday"))
    sat = _hours_of(_("Saturday"))
    sun = _hours_of(_("Sunday"))
    days_off = forms.CharField(
        label=_("Days off"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6, "placeholder": "2026-12-25"}),
        help_text=_("One date in each line, such as 2026-12-25."),
    )

    class Meta:
        model = Schedule
        fields = ("name", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones: Any = self.fields.get("time_zone")
        if zones is not None:
            zones.choices = [(name, name) for name in sorted(available_timezones())]
        for day in DAYS:
            spans = self.instance.hours.get(day, [])
            self.initial.setdefault(day, ", ".join("–".join(span) for span in spans))
        self.initial.setdefault("days_off", "\n".join(self.instance.holidays))

    def clean(self) -> dict[str, Any]:
        """Each day's hours and the days off, an error at its own field."""
        cleaned: dict[str, Any] = super().clean() or {}
        hours = {}
        for day in DAYS:
            spans = self._read(day, working_hours, cleaned.get(day) or "")
            if spans:
                hours[day] = spans
        self.instance.hours = hours
        self.instance.holidays = self._read("days_off", days_off, cleaned.get("days_off") or "") or []
        if not hours and not self.errors:
            self.add_error(None, gettext("Without a working hour no promise is ever due. Type the hours of a day."))
        return cleaned

    def _read(self, field: str, reader: Any, text: str) -> Any:
        try:
            return reader(text)
        except BadInput as error:
            self.add_error(field, reason(error).said_by(gettext))
            return None


class SequenceForm(forms.ModelForm[Sequence]):
    """How ticket numbers look."""

    class Meta:
        model = Sequence
        fields = ("name", "kind", "pattern", "next_value")
        help_texts = {
            "pattern": _("A # stands for a digit: TKT-###### makes TKT-000041."),
            "next_value": _("For numbers one after the other. It only goes up."),
        }

    def clean(self) -> dict[str, Any]:
        """Enough digits, and no number for the second time."""
        cleaned: dict[str, Any] = super().clean() or {}
        signs = str(cleaned.get("pattern", "#")).count("#")
        if not signs:
            self.add_error("pattern", gettext("Without a # every ticket would have the same number."))
        elif cleaned.get("kind") == NumberKind.RANDOM and signs < LEAST_RANDOM:
            self.add_error("pattern", gettext("Random numbers need at least %(n)d digits.") % {"n": LEAST_RANDOM})
        then = self.initial.get("next_value")
        if self.instance.pk and then and (cleaned.get("next_value") or then) < then:
            self.add_error("next_value", gettext("Numbers up to %(n)d are given out already.") % {"n": then - 1})
        return cleaned


class StatusForm(forms.ModelForm[Status]):
    """A word for a state; `is_first` says whether it is the one that is meant where only the state is said."""

    is_first = False

    class Meta:
        model = Status
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        """Without the mark in the row: the service takes it from the status that has it before it is set here."""
        cleaned: dict[str, Any] = super().clean() or {}
        self.is_first = bool(cleaned.get("is_first"))
        return cleaned | {"is_first": False}
