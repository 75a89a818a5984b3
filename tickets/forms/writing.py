"""What was typed into the composer of a ticket in; kind, text, files and what else the same send does out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from tickets.choices import SignatureKind, TicketState
from tickets.models import Agent, CannedResponse, Draft, Status, Ticket

MOST_CANNED = 20
REPLY, NOTE, FORWARD = "reply", "note", "forward"
KINDS = ((REPLY, _("Reply")), (NOTE, pgettext_lazy("entry", "Note")), (FORWARD, _("Forward")))
GOES_TO = (("all", _("everybody")), ("owner", _("only the owner")), ("nobody", _("nobody: it only stands here")))


class FilesInput(forms.ClearableFileInput):
    """A field for any number of files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files as a list, empty where there are none."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Each file checked as a single one would be."""
        return [super(FilesField, self).clean(each, initial) for each in (data or []) if each]


class KeysField(forms.Field):
    """Keys of rows, each once and only so many; what is no key is left out."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[int]:
        """The keys."""
        found = dict.fromkeys(int(each) for each in value or () if each.isdecimal() and len(each) < 19)
        return list(found)[:MOST_CANNED]


class WritingForm(forms.Form):
    """One send: an answer, a note or a forwarded entry, with the status and the agent that go with it."""

    kind = forms.ChoiceField(choices=KINDS, initial=REPLY, widget=forms.RadioSelect)
    to = forms.CharField(
        label=_("Forward to"),
        required=False,
        max_length=1000,
        help_text=_("Addresses with commas between them. They are not told of anything later."),
    )
    text = forms.CharField(
        label=_("Text"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 5, "data-writes": ""})
    )
    attachments = FilesField(label=_("Files"), required=False)
    status = forms.ModelChoiceField(Status.objects.none(), label=_("Status"), required=False)
    agent = forms.ModelChoiceField(Agent.objects.none(), label=_("Agent"), required=False)
    goes_to = forms.ChoiceField(label=_("Goes to"), choices=GOES_TO, required=False)
    signature = forms.ChoiceField(label=_("Signature"), choices=SignatureKind.choices, required=False)
    minutes = forms.IntegerField(label=_("Minutes spent"), required=False, min_value=0, max_value=10_000)
    entry = forms.IntegerField(required=False, widget=forms.HiddenInput)
    canned = KeysField(required=False)

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        ticket: Ticket,
        agent: Agent | None,
        choices: Mapping[str, Any] | None = None,
        drafts: Mapping[str, Draft] | None = None,
    ) -> None:
        super().__init__(data, files)
        self.ticket = ticket
        status: Any = self.fields["status"]
        status.queryset = Status.objects.exclude(state=TicketState.DELETED)
        who: Any = self.fields["agent"]
        who.queryset = Agent.objects.filter(user__is_active=True).select_related("user")
        if choices is not None:
            status.choices = [("", gettext("Keep the status")), *((row.pk, str(row)) for row in choices["statuses"])]
            who.choices = [("", gettext("Keep the agent")), *((row.pk, str(row)) for row in choices["agents"])]
        if agent is not None:
            self.initial["signature"] = agent.signature_kind
        if drafts:
            kept = drafts.get("response") or drafts.get("note")
            if kept:
                self.initial.update(text=kept.text, kind=NOTE if kept.kind == "note" else REPLY)

    @property
    def canned_used(self) -> list[CannedResponse]:
        """The canned responses with files whose words were taken, of a send that was refused."""
        keys = self.cleaned_data.get("canned") if self.is_bound else None
        rows = CannedResponse.objects.filter(pk__in=keys or ()).exclude(attached=None).prefetch_related("attached")
        return list(rows.distinct().order_by("pk")) if keys else []

    def clean_to(self) -> list[str]:
        """The single addresses."""
        found = [part for part in re.split(r"[\s,;]+", self.cleaned_data["to"]) if part]
        for each in found:
            try:
                validate_email(each)
            except ValidationError as error:
                raise ValidationError(gettext("“%(text)s” is not an address.") % {"text": each[:60]}) from error
        return found

    def clean(self) -> dict[str, Any]:
        """An answer or a note says something; a forwarded entry goes to somebody."""
        cleaned: dict[str, Any] = super().clean() or {}
        kind = cleaned.get("kind")
        if kind == FORWARD:
            if not cleaned.get("to") and "to" not in self.errors:
                self.add_error("to", gettext("Type the address that it goes to."))
        elif not (cleaned.get("text") or "").strip() and not cleaned.get("attachments"):
            self.add_error("text", gettext("There is nothing to send yet. Type something, or add a file."))
        return cleaned
