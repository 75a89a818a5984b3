"""A reservation as a form, and a table of reservations as a file or as pasted text."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dhcp.forms.declared import SETTINGS, DeclaredForm, Section
from dhcp.forms.networks import limit_homes
from dhcp.models import Reservation
from dhcp.parse.reservation_csv import MOST_BYTES, TOO_LARGE
from hosts.models import Organization

_BETWEEN = re.compile(r"[\s,;]+")


class ReservationForm(DeclaredForm[Reservation]):
    """A machine with addresses or settings of its own."""

    first = ("name", "mac", "addresses", "leaves_range", "prefixes", "hostname", "organization", "is_enabled")
    addresses = forms.CharField(
        label=gettext_lazy("Address"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy(
            "Outside of all ranges. Left empty the machine gets one of a pool, with the settings below."
        ),
    )
    leaves_range = forms.BooleanField(
        label=gettext_lazy("Take the address out of its range"),
        required=False,
        help_text=gettext_lazy("The range is split around it, so that no other machine is given the address."),
    )
    prefixes = forms.CharField(label=gettext_lazy("Prefixes"), required=False, max_length=1000)

    class Meta:
        model = Reservation
        fields = ("name", "mac", "client_id", "match", "hostname", "organization", "group", "is_enabled", *SETTINGS)
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "mac": gettext_lazy("Of the machine's network card, in any spelling."),
            "match": gettext_lazy("For what is neither MAC nor client id, as the server's file writes it."),
            "is_enabled": gettext_lazy("Switched off it stays here, and the server is not told."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        mine = list(row.addresses.all()) if row.pk else []
        self.initial.setdefault("addresses", ", ".join(each.address for each in mine if not each.is_prefix))
        self.initial.setdefault("prefixes", ", ".join(each.address for each in mine if each.is_prefix))
        limit_homes(self, "group")
        organization: Any = self.fields["organization"]
        organization.queryset = Organization.objects.visible_to(self.user).order_by("name")
        if row.organization_id and not organization.queryset.filter(pk=row.organization_id).exists():
            del self.fields["organization"]
        if self.server.version == 4:
            del self.fields["prefixes"]
        for name in ("addresses", "prefixes"):
            if name in self.fields:
                self.fields[name].widget.attrs.update({"autocomplete": "off", "spellcheck": "false"})

    def parts(self) -> list[Section]:
        """What it is first; other ways to know the machine after it."""
        own, *rest = super().parts()
        row = self.instance
        others = (
            gettext_lazy("Other ways to know it"),
            ["client_id", "match", "group"],
            bool(row.client_id or row.match),
        )
        return [own, others, *[(title, names, is_open and bool(row.pk)) for title, names, is_open in rest]]

    def clean_name(self) -> str:
        """One word: it names the entry in the server's file."""
        name = str(self.cleaned_data["name"]).strip()
        if len(name.split()) > 1:
            raise ValidationError(_("The name is one word, such as web01."))
        return name

    def typed(self, name: str) -> list[str] | None:
        """Addresses or prefixes as a list; None where the form has no such field."""
        if name not in self.fields:
            return None
        return [part for part in _BETWEEN.split(self.cleaned_data[name]) if part]


class ReservationImportForm(forms.Form):
    """A table, as a file or as text."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste it"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "class": "code-input", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """The bytes of the table, as `data`."""
        said = super().clean() or {}
        file = said.get("file")
        if file and (file.size or 0) > MOST_BYTES:  # it is on disk still, and never read into memory
            raise ValidationError(_(TOO_LARGE) % {"most": MOST_BYTES >> 20})
        data = file.read() if file else str(said.get("text") or "").encode()
        if not data.strip():
            raise ValidationError(_("Choose a file, or paste the table."))
        return {**said, "data": data}
