"""What was typed of contacts, bans and webhooks in; checked, still unsaved rows out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from tickets.choices import EventKind
from tickets.facts.mail import Address
from tickets.models import Contact, ContactAddress, Webhook

SAID = (("message", _("a message came")), ("reply", _("an agent answered")), ("note", _("a note was written")))


class ContactForm(forms.ModelForm[Contact]):
    """A person with all of their addresses."""

    emails = forms.CharField(
        label=_("Addresses"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("One in each line. Mail goes to the first one; mail from any of them is theirs."),
    )

    class Meta:
        model = Contact
        fields = ("name", "organization", "is_primary", "phone", "user", "language", "time_zone", "notes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            rows = self.instance.addresses.order_by("-is_main", "pk")
            self.initial.setdefault("emails", "\n".join(rows.values_list("email", flat=True)))

    def clean_emails(self) -> list[str]:
        """The addresses, each of them one that mail can go to and nobody else's."""
        typed = str(self.cleaned_data["emails"]).replace(",", "\n").splitlines()
        emails = list(dict.fromkeys(line.strip() for line in typed if line.strip()))
        for email in emails:
            if not Address(email).usable:
                self.add_error("emails", gettext("“%(email)s” is no mail address.") % {"email": email[:80]})
                continue
            taken = ContactAddress.objects.filter(email__iexact=email).exclude(contact=self.instance.pk).first()
            if taken is not None:
                self.add_error("emails", gettext("Somebody else has the address %(email)s.") % {"email": email})
        return emails


class WebhookForm(forms.ModelForm[Webhook]):
    """An address of another program, and what it is told of."""

    events = forms.MultipleChoiceField(
        label=_("Events"),
        required=False,
        choices=(*SAID, *EventKind.choices),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("None ticked: every event."),
    )
    renew = forms.BooleanField(
        label=_("Make a new secret"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("The old one ends at once. The new one is shown once, after saving."),
    )

    class Meta:
        model = Webhook
        fields = ("name", "events", "is_active")
