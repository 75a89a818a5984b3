"""What was typed of a mailbox in; a checked, still unsaved mailbox and its secrets out. No secret is shown again."""

from __future__ import annotations

from typing import Any

from cryptography.x509 import load_pem_x509_certificates
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from tickets.choices import MailLogin
from tickets.models import Mailbox

GRANT = ("token_url", "client_id", "client_secret", "refresh_token", "scope")
SECRET_PARTS = ("client_secret", "refresh_token")
LABELS = {
    "token_url": _("Token server"),
    "client_id": _("Client id"),
    "client_secret": _("Client secret"),
    "refresh_token": _("Refresh token"),
    "scope": _("Scope"),
}
HELP = {
    "token_url": _("Such as https://oauth2.googleapis.com/token."),
    "scope": _("Empty: as it was granted."),
}


def _secret(label: Any, **attrs: str) -> forms.CharField:
    widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password", **attrs})
    return forms.CharField(label=label, required=False, strip=False, max_length=4000, widget=widget)


def _open(label: Any, help_text: Any = "") -> forms.CharField:
    widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, required=False, max_length=1000, help_text=help_text, widget=widget)


def _part(name: str) -> forms.CharField:
    return _secret(LABELS[name]) if name in SECRET_PARTS else _open(LABELS[name], HELP.get(name, ""))


class MailboxForm(forms.ModelForm[Mailbox]):
    """A mailbox. Empty secrets leave the stored ones."""

    password = _secret(_("Password"))
    token_url = _part("token_url")
    client_id = _part("client_id")
    client_secret = _part("client_secret")
    refresh_token = _part("refresh_token")
    scope = _part("scope")
    smtp_password = _secret(_("SMTP password"))
    smtp_token_url = _part("token_url")
    smtp_client_id = _part("client_id")
    smtp_client_secret = _part("client_secret")
    smtp_refresh_token = _part("refresh_token")
    smtp_scope = _part("scope")

    class Meta:
        model = Mailbox
        fields = "__all__"
        widgets = {"ca_certificate": UnfoldAdminTextareaWidget(attrs={"rows": 4, "spellcheck": "false"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._say_what_is_stored("password", "refresh_token", is_stored=bool(self.instance.secret))
        self._say_what_is_stored("smtp_password", "smtp_refresh_token", is_stored=bool(self.instance.smtp_secret))
        if "smtp_password" in self.fields and not self.instance.smtp_secret:
            self.fields["smtp_password"].help_text = _("Empty: the password for fetching.")
        if "fallback" in self.fields and self.instance.pk:
            others: Any = self.fields["fallback"]
            others.queryset = Mailbox.objects.exclude(pk=self.instance.pk)

    @property
    def typed(self) -> dict[str, dict[str, str]]:
        """{"secret": {...}, "smtp_secret": {...}}: what was typed of each, by the name under which it is sealed."""
        return {"secret": self._typed("", "login"), "smtp_secret": self._typed("smtp_", "smtp_login")}

    def clean_ca_certificate(self) -> str:
        """One certificate or more in PEM."""
        text = str(self.cleaned_data.get("ca_certificate") or "").strip()
        if text:
            try:
                load_pem_x509_certificates(text.encode())
            except ValueError:
                self.add_error("ca_certificate", gettext("This is no PEM certificate. Paste it from BEGIN to END."))
        return text

    def clean(self) -> dict[str, Any]:
        """Addresses of token servers are to be such that a secret may be sent to them."""
        cleaned: dict[str, Any] = super().clean() or {}
        for name in ("token_url", "smtp_token_url"):
            if cleaned.get(name) and not cleaned[name].startswith("https://"):
                self.add_error(name, gettext("The address of the token server must begin with https://."))
        return cleaned

    def _typed(self, prefix: str, login: str) -> dict[str, str]:
        kind = self.cleaned_data.get(login)
        names = {MailLogin.PASSWORD: ("password",), MailLogin.OAUTH2: GRANT}.get(MailLogin(kind), ()) if kind else ()
        return {name: str(self.cleaned_data.get(prefix + name) or "") for name in names}

    def _say_what_is_stored(self, *names: str, is_stored: bool) -> None:
        for name in names:
            if is_stored and name in self.fields:
                self.fields[name].help_text = _("Leave empty to keep the stored one, which is never shown.")
