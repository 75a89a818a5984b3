"""A pasted or uploaded list of hosts in; its bytes and what to do with them out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hosts.models import Credential, Organization, User
from hosts.parse.inventory import MOST_BYTES

KINDS = (
    ("csv", _("CSV"), _("A table with headings, as Excel saves it")),
    ("ansible", _("Ansible inventory"), _("INI or YAML; groups become tags")),
    ("ssh_config", _("~/.ssh/config"), _("Host blocks with HostName, Port, User, ProxyJump")),
)


class ImportForm(forms.Form):
    """A list of hosts, and what they have in common."""

    kind = forms.ChoiceField(label=_("What it is"), choices=[(key, name) for key, name, _hint in KINDS], initial="csv")
    file = forms.FileField(label=_("File"), required=False)
    text = forms.CharField(
        label=_("or paste it"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 9})
    )
    credential = forms.ModelChoiceField(
        label=_("Credential"),
        queryset=Credential.objects.none(),
        required=False,
        help_text=_("For all of them. Without one they are added, but not spoken to."),
    )
    organization = forms.ModelChoiceField(
        label=_("Organization"), queryset=Organization.objects.none(), required=False, help_text=_("For all of them.")
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        credentials = Credential.objects.order_by("name")
        if not user.sees_everything:
            credentials = credentials.filter(Q(organization__members=user)).distinct()
            self.fields["organization"].required = True
        for name, rows in (
            ("credential", credentials),
            ("organization", Organization.objects.visible_to(user).order_by("name")),
        ):
            field: Any = self.fields[name]
            field.queryset = rows

    def clean(self) -> dict[str, Any]:
        """`data`: the bytes of the file, or those of the text."""
        cleaned: dict[str, Any] = super().clean() or {}
        upload = cleaned.get("file")
        if upload and upload.size > MOST_BYTES:
            raise ValidationError(gettext("The file is larger than 10 MB, which no list of hosts is."))
        data = upload.read() if upload else (cleaned.get("text") or "").encode()
        if not data.strip():
            raise ValidationError(gettext("Choose a file or paste a list."))
        cleaned["data"] = data
        return cleaned
