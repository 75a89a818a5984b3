"""What an agent wrote down for somebody in; a new ticket in the words of `facts.verbs` out."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hosts.models import Host, User
from tickets.choices import TicketSource
from tickets.facts.verbs import NewEntry, NewFile, NewTicket
from tickets.forms.writing import FilesField
from tickets.models import Agent, Department, HelpTopic, Priority, Team

SOURCES = (TicketSource.PHONE, TicketSource.DESK, TicketSource.MAIL)


class NewTicketForm(forms.Form):
    """A request on behalf of somebody, who is found by their address or made."""

    email = forms.EmailField(
        label=_("E-mail"), max_length=254, help_text=_("Type a name or an address; who is known is offered.")
    )
    name = forms.CharField(label=_("Name"), required=False, max_length=200)
    cc = forms.CharField(
        label=_("In copy"), required=False, max_length=1000, help_text=_("Addresses with commas between them.")
    )
    source = forms.ChoiceField(label=_("Came by"), choices=[(one.value, one.label) for one in SOURCES])
    topic = forms.ModelChoiceField(HelpTopic.objects.filter(is_archived=False), label=_("Help topic"), required=False)
    subject = forms.CharField(label=_("Subject"), max_length=255)
    text = forms.CharField(label=_("What they ask for"), strip=False, widget=forms.Textarea(attrs={"rows": 8}))
    attachments = FilesField(label=_("Files"), required=False)
    department = forms.ModelChoiceField(
        Department.objects.filter(is_archived=False).order_by("name"),
        label=_("Department"),
        required=False,
        empty_label=_("By the help topic"),
    )
    priority = forms.ModelChoiceField(
        Priority.objects.all(), label=_("Priority"), required=False, empty_label=_("By the help topic")
    )
    agent = forms.ModelChoiceField(
        Agent.objects.filter(user__is_active=True, is_on_vacation=False).select_related("user").order_by("user__name"),
        label=_("Agent"),
        required=False,
        empty_label=_("Nobody yet"),
    )
    team = forms.ModelChoiceField(
        Team.objects.filter(is_active=True).order_by("name"), label=_("Team"), required=False, empty_label=_("None")
    )
    due_at = forms.DateTimeField(
        label=_("Due"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    host = forms.ModelChoiceField(Host.objects.none(), label=_("Host"), required=False, widget=forms.HiddenInput)
    acknowledges = forms.BooleanField(label=_("Tell them by mail that it was opened"), required=False, initial=True)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        host: Any = self.fields["host"]
        if user.has_perm("hosts.view_host"):
            host.queryset = Host.objects.visible_to(user)

    @property
    def about(self) -> Host | None:
        """The host that the ticket is about, where one was named and may be seen."""
        field: Any = self.fields["host"]
        key = str(self["host"].value() or "")
        found: Host | None = field.queryset.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 19 else None
        return found

    def clean_cc(self) -> tuple[tuple[str, str], ...]:
        """The single addresses, as (address, name)."""
        found = [part for part in re.split(r"[\s,;]+", self.cleaned_data["cc"]) if part]
        for each in found:
            try:
                validate_email(each)
            except ValidationError as error:
                raise ValidationError(gettext("“%(text)s” is not an address.") % {"text": each[:60]}) from error
        return tuple((each, "") for each in dict.fromkeys(found))

    def wanted(self, kept: tuple[NewFile, ...]) -> NewTicket:
        """The ticket as the verb takes it."""
        typed = self.cleaned_data
        text = typed["text"].replace("\r\n", "\n")
        return NewTicket(
            subject=typed["subject"],
            entry=NewEntry(text=text, attachments=kept),
            email=typed["email"],
            name=typed["name"],
            source=TicketSource(typed["source"]),
            collaborators=typed["cc"],
            due_at=typed["due_at"],
            acknowledges=typed["acknowledges"],
            topic_id=_key(typed["topic"]),
            department_id=_key(typed["department"]),
            priority_id=_key(typed["priority"]),
            host_ids=(typed["host"].pk,) if typed["host"] else (),
            agent_id=_key(typed["agent"]),
            team_id=_key(typed["team"]),
        )


def _key(row: Any) -> int | None:
    return None if row is None else int(row.pk)
