"""Typed text in, values that several forms need out: permission bits, text with its line ends, variables."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hosts.models import Host

HIGHEST_MODE = 0o7777


class ModeField(forms.CharField):
    """Permission bits typed in octal (0644); the number out."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 5)
        kwargs.setdefault("help_text", _("In octal, such as 0644."))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """What stands in the field."""
        return f"{value:04o}" if isinstance(value, int) else value

    def clean(self, value: Any) -> int:
        """The number; ValidationError for anything that is no octal mode."""
        text = super().clean(value)
        try:
            bits = int(text, 8)
        except ValueError:
            bits = -1
        if not 0 <= bits <= HIGHEST_MODE:
            raise ValidationError(gettext("“%(text)s” is no mode. Type it in octal, such as 0644.") % {"text": text})
        return bits


class ContentField(forms.CharField):
    """The text of a file: nothing stripped, the browser's CR LF made LF; bytes out."""

    def __init__(self, **kwargs: Any) -> None:
        rows = kwargs.pop("rows", 12)
        attrs = {"rows": rows, "class": "code-input", "spellcheck": "false", "autocapitalize": "off", "wrap": "off"}
        kwargs.setdefault("widget", forms.Textarea(attrs=attrs))
        kwargs.setdefault("strip", False)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> bytes:
        """The bytes as they go into the file."""
        text: str = super().clean(value)
        return text.replace("\r\n", "\n").replace("\r", "\n").encode()


class HostField(forms.ModelChoiceField):  # type: ignore[type-arg]  # which cannot be said at run time
    """One host by its name; the browser offers what fits while one types, and without that the name is typed whole.

    Programs and links may also say its key. Of `queryset` are those that the person may choose.
    """

    default_error_messages = {
        "invalid_choice": _("There is no host “%(value)s” that you may choose. Type its name as it stands in the list.")
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["widget"] = forms.TextInput
        super().__init__(*args, **kwargs)

    def widget_attrs(self, widget: Any) -> dict[str, Any]:
        """Offers begin with the focus."""
        told = {"data-suggests": reverse_lazy("hosts:host-find"), "data-suggests-at-once": "", "autocomplete": "off"}
        return {**super().widget_attrs(widget), **told, "spellcheck": "false", "autocapitalize": "off"}

    def suit(self, role: str) -> None:
        """Those with that role are offered first."""
        self.widget.attrs["data-suggests"] = f"{reverse('hosts:host-find')}?role={role}"

    def prepare_value(self, value: Any) -> Any:
        """The name of a row or of its key."""
        if isinstance(value, Host):
            return value.name
        row = self._by_key(value)
        return value if row is None else row.name

    def to_python(self, value: Any) -> Any:
        """The host; ValidationError where there is none of that name among those to choose from."""
        text = value.name if isinstance(value, Host) else str(value or "").strip()
        if not text:
            return None
        rows: Any = self.queryset
        found = rows.filter(name__iexact=text).first() or self._by_key(text)
        if found is None:
            raise ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": text[:80]}
            )
        return found

    def _by_key(self, value: Any) -> Any:
        rows: Any = self.queryset
        text = str(value or "")
        return rows.filter(pk=int(text)).first() if text.isdecimal() and len(text) < 18 else None


class VariablesField(forms.CharField):
    """Lines of NAME = value; a dict out."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"rows": 3, "class": "code-input", "spellcheck": "false"}
        kwargs.setdefault("widget", forms.Textarea(attrs=attrs))
        kwargs.setdefault("help_text", _("One per line: NAME = value. In the text: {{ var.NAME }}."))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """What stands in the field."""
        return "\n".join(f"{name} = {said}" for name, said in value.items()) if isinstance(value, dict) else value

    def clean(self, value: Any) -> dict[str, str]:
        """The names with their values; ValidationError names the line that is neither."""
        found: dict[str, str] = {}
        for number, line in enumerate(super().clean(value).splitlines(), 1):
            if not line.strip():
                continue
            name, sign, said = line.partition("=")
            if not sign or not name.strip().isidentifier():
                raise ValidationError(gettext("Line %(n)d: write NAME = value.") % {"n": number})
            found[name.strip()] = said.strip()
        return found


def line(
    label: Any, *, help_text: Any = "", placeholder: str = "", code: bool = True, **kwargs: Any
) -> forms.CharField:
    """A single line, in code type unless said otherwise; optional unless `required` is given."""
    attrs: dict[str, Any] = {"autocomplete": "off", "placeholder": placeholder}
    if code:
        attrs |= {"class": "code-input", "spellcheck": "false", "autocapitalize": "off"}
    kwargs.setdefault("required", False)
    kwargs.setdefault("max_length", 500)
    return forms.CharField(label=label, help_text=help_text, widget=forms.TextInput(attrs=attrs), **kwargs)
