"""What was typed of a managed file in; the row, still unsaved, with its text, hosts and tags out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hosts.forms.fields import ContentField, ModeField, VariablesField
from hosts.models import Host, ManagedFile, Organization, Tag, User

LONGEST = 2 * 1024 * 1024
CODE = {"class": "code-input", "autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}


class ManagedFileForm(forms.ModelForm[ManagedFile]):
    """Everything of a managed file. A secret or binary text is never sent to the browser: left empty, it stays."""

    content = ContentField(label=_("Content"), required=False, max_length=LONGEST, rows=16)
    mode = ModeField(label=_("Mode"), initial=0o644)
    variables = VariablesField(label=_("Own variables"), required=False)
    host = forms.ModelMultipleChoiceField(label=_("Hosts"), queryset=Host.objects.none(), required=False)
    tag = forms.ModelMultipleChoiceField(label=_("Tags"), queryset=Tag.objects.none(), required=False)

    class Meta:
        model = ManagedFile
        fields = (
            "name",
            "path",
            "organization",
            "owner",
            "group",
            "mode",
            "is_secret",
            "make_parents",
            "check_command",
            "activate_command",
            "verify_command",
            "guard_seconds",
            "role",
            "variables",
        )
        widgets = {
            name: forms.TextInput(attrs=CODE)
            for name in ("path", "owner", "group", "check_command", "activate_command", "verify_command")
        }
        help_texts = {"name": _("What people call it, such as “resolv.conf of the lab”.")}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["check_command"].widget.attrs["placeholder"] = "nginx -t -c {staged}"
        self.fields["activate_command"].widget.attrs["placeholder"] = "systemctl reload nginx"
        self.fields["verify_command"].widget.attrs["placeholder"] = "systemctl is-active nginx"
        self.fields["path"].widget.attrs["placeholder"] = "/etc/motd"
        visible = Host.objects.visible_to(user)
        self._rows("host", visible)
        self._rows("tag", Tag.objects.filter(hosts__in=visible).distinct().order_by("name"))
        self._rows("organization", Organization.objects.visible_to(user).order_by("name"))
        if not user.sees_everything:
            self.fields["organization"].required = True
        self.keeps_text = False
        if self.instance.pk:
            self._fill()

    def _fill(self) -> None:
        managed = self.instance
        text = None if managed.is_secret else _text(managed.body.read())
        self.keeps_text = text is None
        if text is None:
            said = _("It is secret or no text, so it is not shown. Left empty, it stays as it is.")
            self.fields["content"].help_text = said
        self.initial.setdefault("content", text or "")
        self.initial.setdefault("host", list(managed.hosts.all()))
        self.initial.setdefault("tag", list(managed.tags.values_list("pk", flat=True)))

    @property
    def new_content(self) -> bytes | None:
        """The bytes to keep; None where the old ones stay."""
        content: bytes = self.cleaned_data["content"]
        return None if self.keeps_text and not content else content

    def clean_host(self) -> list[Host]:
        """The chosen hosts, and those of the file that this person cannot see and so cannot take away."""
        chosen = list(self.cleaned_data["host"])
        if self.instance.pk:
            visible = Host.objects.visible_to(self.user)
            chosen += list(self.instance.hosts.exclude(pk__in=visible.values("pk")))
        return chosen

    def clean_path(self) -> str:
        """Refuse what is no path of a file."""
        path: str = self.cleaned_data["path"]
        if path.endswith("/") or "//" in path or "/../" in path:
            raise ValidationError(gettext("“%(path)s” is no plain path of a file.") % {"path": path})
        return path

    def _rows(self, name: str, rows: Any) -> None:
        field: Any = self.fields[name]
        field.queryset = rows


def _text(content: bytes) -> str | None:
    """The text of a file that is one."""
    if b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None
