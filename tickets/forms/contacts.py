"""What was typed of a contact or of an organization's card in; checked, still unsaved rows out."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hosts.models import Organization, User
from tickets.forms.people import ContactForm
from tickets.models import Agent, Contact, Customer, Sla


class ContactCardForm(ContactForm):
    """A person with all of their addresses; the organization is typed, and found among those that one sees."""

    emails = forms.CharField(
        label=_("Addresses"),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("One in each line. Mail goes to the first one; mail from any of them is theirs."),
    )
    organization = forms.CharField(
        label=_("Organization"),
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "data-suggests": reverse_lazy("tickets:organization-find")}
        ),
        help_text=_("Type a part of its name. Its hosts stand beside this person's tickets."),
    )

    class Meta:
        model = Contact
        fields = ("name", "is_primary", "phone", "language", "time_zone", "notes")
        widgets = {
            "time_zone": forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}),
            "notes": forms.Textarea(attrs={"rows": 4}),
        }
        help_texts = {"notes": _("Agents see this beside every ticket of this person.")}

    field_order = ("name", "emails", "organization", "is_primary", "phone", "language", "time_zone", "notes")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        now = self.instance.organization
        self.initial.setdefault("organization", now.name if now else "")

    @property
    def zones(self) -> list[str]:
        """The names that the tz database knows."""
        return sorted(available_timezones())

    def clean_organization(self) -> Organization | None:
        """The one of this name: the one they have, or one that the agent sees."""
        name, now = self.cleaned_data["organization"].strip(), self.instance.organization
        if not name:
            return None
        if now is not None and now.name == name:
            return now
        found = Organization.objects.visible_to(self.user).filter(name__iexact=name).first()
        if found is None:
            raise ValidationError(gettext("There is no organization “%(name)s” that you may see.") % {"name": name})
        return found

    def save(self, commit: bool = False) -> Contact:  # noqa: FBT001, FBT002  (as Django calls it)
        """The row as it was typed; a service writes it."""
        self.instance.organization = self.cleaned_data["organization"]
        return self.instance


class CustomerForm(forms.ModelForm[Customer]):
    """What the desk knows of an organization, with its mail domains one in each line."""

    domains = forms.CharField(
        label=_("Mail domains"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("One in each line, like example.com. Whoever writes from there belongs to it."),
    )

    class Meta:
        model = Customer
        fields = ("account_manager", "assigns_manager", "sharing", "sla", "notes")
        widgets = {"notes": forms.Textarea(attrs={"rows": 4})}

    field_order = ("domains", "account_manager", "assigns_manager", "sharing", "sla", "notes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agents: Any = self.fields["account_manager"]
        agents.queryset = Agent.objects.filter(user__is_active=True).select_related("user").order_by("user__name")
        slas: Any = self.fields["sla"]
        slas.queryset = Sla.objects.filter(is_active=True).order_by("name")
        if self.instance.pk:
            self.initial.setdefault("domains", "\n".join(sorted(one.domain for one in self.instance.domains.all())))

    @property
    def domain_names(self) -> list[str]:
        """The single domains."""
        return [line for line in self.cleaned_data["domains"].replace(",", "\n").splitlines() if line.strip()]
