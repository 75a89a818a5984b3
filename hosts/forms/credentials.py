"""A key or a password in; a checked, still unsaved credential out. What was typed is not shown again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminRadioSelectWidget, UnfoldAdminTextareaWidget

from hosts.choices import CredentialKind
from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.models import Credential
from hosts.parse.private_key import private_key


class How(TextChoices):
    """Where the secret comes from."""

    GENERATE = "generate", _("A new key, made here (ed25519)")
    PASTE = "paste", _("Paste a private key")
    PASSWORD = "password", _("A password")


class CredentialForm(forms.ModelForm[Credential]):
    """A new credential, or another name or secret for one that is there. Empty secrets leave the stored one."""

    how = forms.ChoiceField(
        label=_("Secret"), choices=How.choices, initial=How.GENERATE, widget=UnfoldAdminRadioSelectWidget
    )
    key_text = forms.CharField(
        label=_("Private key"),
        required=False,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("The whole file, from -----BEGIN to END-----: OpenSSH or PEM; ed25519, ECDSA or RSA."),
    )
    passphrase = forms.CharField(
        label=_("Passphrase"),
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("If the key has one."),
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = Credential
        fields = ("name", "organization")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            return
        is_key = self.instance.kind == CredentialKind.PRIVATE_KEY
        self.fields["how"].widget = forms.HiddenInput()
        self.initial["how"] = How.PASTE if is_key else How.PASSWORD
        unneeded = ("password",) if is_key else ("key_text", "passphrase")
        for name in unneeded:
            self.fields.pop(name, None)
        for name in ("key_text", "password"):
            if name in self.fields:
                self.fields[name].help_text = _("Leave empty to keep the stored one, which is never shown.")

    @property
    def chosen_how(self) -> str:
        """Which secret is wanted. One that is there keeps its kind, whatever was sent."""
        if not self.instance.pk:
            return str(self.cleaned_data.get("how") or How.GENERATE)
        return How.PASTE if self.instance.kind == CredentialKind.PRIVATE_KEY else How.PASSWORD

    def clean(self) -> dict[str, Any]:
        """Open the key, so that a wrong one or a missing passphrase is said here and not at the first login."""
        cleaned: dict[str, Any] = super().clean() or {}
        is_new = not self.instance.pk
        how = self.chosen_how
        if how == How.PASTE:
            self._check_key(cleaned, is_needed=is_new)
        elif how == How.PASSWORD and is_new and not cleaned.get("password"):
            self.add_error("password", gettext("Type the password, or choose a key."))
        return cleaned

    def _post_clean(self) -> None:
        if not self.instance.pk and "how" in self.cleaned_data:
            is_password = self.cleaned_data["how"] == How.PASSWORD
            self.instance.kind = CredentialKind.PASSWORD if is_password else CredentialKind.PRIVATE_KEY
        super()._post_clean()  # type: ignore[misc]  # private in the stubs

    def _check_key(self, cleaned: dict[str, Any], *, is_needed: bool) -> None:
        text = cleaned.get("key_text") or ""
        if not text.strip():
            if is_needed:
                self.add_error("key_text", gettext("Paste the key, or let the panel make one."))
            return
        try:
            private_key(text, cleaned.get("passphrase") or "")
        except Explainable as error:
            field = getattr(error, "field", "")
            self.add_error(field if field in self.fields else "key_text", words_of(error))
