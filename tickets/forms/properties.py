"""What a button or a list at a ticket sends in; rows and values that the verbs take out."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tickets.choices import TicketState
from tickets.models import Agent, Department, HelpTopic, Priority, Sla, Status, Team

LONGEST_TAG = 64


class EditForm(forms.Form):
    """Columns of a ticket that are edited in place. Only what was sent is changed."""

    subject = forms.CharField(label=_("Subject"), max_length=255)
    due_at = forms.DateTimeField(
        label=_("Due"), required=False, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"]
    )
    priority = forms.ModelChoiceField(Priority.objects.all(), label=_("Priority"))
    topic = forms.ModelChoiceField(HelpTopic.objects.filter(is_archived=False), label=_("Help topic"), required=False)
    sla = forms.ModelChoiceField(Sla.objects.filter(is_active=True), label=_("SLA"), required=False)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        for name in [name for name in self.fields if name not in data]:
            del self.fields[name]

    @property
    def changes(self) -> dict[str, Any]:
        """{column: value} of what was sent."""
        return dict(self.cleaned_data)


class GivingForm(forms.Form):
    """Whom a ticket goes to. An empty one takes it away; one that was not sent stays."""

    agent = forms.ModelChoiceField(
        Agent.objects.filter(user__is_active=True).select_related("user"), label=_("Agent"), required=False
    )
    team = forms.ModelChoiceField(Team.objects.filter(is_active=True), label=_("Team"), required=False)
    comment = forms.CharField(label=_("Comment"), required=False, max_length=10_000)


class TransferForm(forms.Form):
    """Which department a ticket goes to."""

    department = forms.ModelChoiceField(Department.objects.filter(is_archived=False), label=_("Department"))
    comment = forms.CharField(label=_("Comment"), required=False, max_length=10_000)


class StatusForm(forms.Form):
    """Which status a ticket gets."""

    status = forms.ModelChoiceField(Status.objects.exclude(state=TicketState.DELETED), label=_("Status"))


class TaskForm(forms.Form):
    """A task as it is edited."""

    title = forms.CharField(label=_("Title"), max_length=255)
    agent = forms.ModelChoiceField(
        Agent.objects.filter(user__is_active=True).select_related("user"), label=_("Agent"), required=False
    )
    team = forms.ModelChoiceField(Team.objects.filter(is_active=True), label=_("Team"), required=False)
    due_at = forms.DateTimeField(
        label=_("Due"), required=False, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"]
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        for name in [name for name in self.fields if name not in data]:
            del self.fields[name]


def tag_names(text: str) -> list[str]:
    """Words with blanks or commas between them, each once."""
    found = [word[:LONGEST_TAG] for word in re.split(r"[\s,]+", text.strip()) if word]
    return list(dict.fromkeys(found))


def first_error(form: forms.Form) -> str:
    """What is wrong, in one line with the field's name."""
    for name, errors in form.errors.items():
        field = form.fields.get(name)
        return f"{field.label}: {errors[0]}" if field is not None else str(errors[0])
    return ""
