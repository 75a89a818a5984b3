"""What was typed of a host in; a host with its roles and tags out, still unsaved."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hosts.choices import HostRole
from hosts.models import Credential, Host, Organization, User

ROLE_HINTS = {
    HostRole.XEN: _("runs guests"),
    HostRole.DHCP_SERVER: _("answers with leases"),
    HostRole.DHCP_RELAY: _("passes DHCP on"),
    HostRole.WEB: _("nginx, certificates"),
    HostRole.DNS: _("answers names"),
    HostRole.PLAIN: _("none of these"),
}


class HostForm(forms.ModelForm[Host]):
    """Everything of a host that a person decides. Choices hold only what the person may see."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=HostRole.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    tag_words = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=1000,
        help_text=_("Words with blanks or commas between them. Managed files and rollouts can aim at a tag."),
    )

    class Meta:
        model = Host
        fields = (
            "name",
            "address",
            "port",
            "username",
            "use_sudo",
            "credential",
            "jump_host",
            "organization",
            "site",
            "needs_second_person",
            "is_in_maintenance",
            "notes",
        )
        help_texts = {
            "name": _("What people call it, such as xen03 or xen03.example.net."),
            "port": _("22 unless sshd was told otherwise."),
            "username": _("Whom the panel logs in as."),
            "credential": _("The key or password for that user. Its public line goes into authorized_keys there."),
            "organization": _("Whose machine it is. Only its people see it."),
            "notes": _("For colleagues. Searched by the list and the palette."),
        }
        error_messages = {
            "name": {"unique": _("There is a host of that name already. Choose another, or edit that one.")}
        }
        widgets = {"notes": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        host = self.instance
        self._limit("organization", Organization.objects.visible_to(user).order_by("name"))
        credentials = Credential.objects.order_by("name")
        if not user.sees_everything:
            mine = Q(organization__members=user) | Q(pk=host.credential_id)
            credentials = credentials.filter(mine).distinct()
        self._limit("credential", credentials)
        self._limit("jump_host", Host.objects.visible_to(user).exclude(pk=host.pk).order_by("name"))
        if host.pk:
            self.initial.setdefault("roles", host.roles)
            self.initial.setdefault("tag_words", " ".join(tag.name for tag in host.tags.all()))
        if not user.sees_everything:
            self.fields["organization"].required = True
        self.fields["name"].widget.attrs.update({"autocomplete": "off", "spellcheck": "false"})
        self.fields["address"].widget.attrs.update({"autocomplete": "off", "spellcheck": "false"})

    def clean_tag_words(self) -> list[str]:
        """The single tags."""
        words = re.split(r"[\s,]+", self.cleaned_data["tag_words"].strip())
        long = next((word for word in words if len(word) > 64), "")
        if long:
            raise ValidationError(gettext("“%(word)s…” is longer than 64 characters.") % {"word": long[:20]})
        return [word for word in dict.fromkeys(words) if word]

    def clean(self) -> dict[str, Any]:
        """Refuse sudo for root, which would only cost a round trip."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("use_sudo") and cleaned.get("username") == "root":
            self.add_error("use_sudo", gettext("root needs no sudo. Take the tick away or choose another user."))
        return cleaned

    def _limit(self, name: str, rows: Any) -> None:
        field: Any = self.fields[name]
        field.queryset = rows
