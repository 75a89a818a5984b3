"""What was typed as the words of a mail or of an answer in; checked words out, every variable in them known."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from hosts.errors import RenderError
from hosts.facts.words import reason
from tickets.choices import MailKind
from tickets.facts.variables import variables_for
from tickets.models import CannedResponse, MailTemplate
from tickets.render.variables import check


class MailTemplateForm(forms.ModelForm[MailTemplate]):
    """The words of one kind of mail in one language."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget)

    class Meta:
        model = MailTemplate
        fields = ("templates", "kind", "language", "subject", "body")
        widgets = {"body": UnfoldAdminTextareaWidget(attrs={"rows": 18})}

    def clean(self) -> dict[str, Any]:
        """Each variable must be one of this kind of mail."""
        cleaned: dict[str, Any] = super().clean() or {}
        kind = cleaned.get("kind") or self.instance.kind
        for name in ("subject", "body"):
            check_words(self, name, kind)
        return cleaned


class ManyFiles(UnfoldAdminFileFieldWidget):  # type: ignore[misc]  # unfold has no types
    """A field for several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several uploaded files; a list, empty where there are none."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Each of them checked."""
        return [super(FilesField, self).clean(one, None) for one in data or [] if one]


class CannedForm(forms.ModelForm[CannedResponse]):
    """A text for answers that come again and again."""

    new_files = FilesField(
        label=_("Add files"), required=False, help_text=_("They go out with every answer that is made from this text.")
    )

    class Meta:
        model = CannedResponse
        fields = ("title", "department", "text", "notes", "is_active")
        widgets = {"text": UnfoldAdminTextareaWidget(attrs={"rows": 14})}

    def clean(self) -> dict[str, Any]:
        """Each variable must be one that an agent's answer has."""
        cleaned: dict[str, Any] = super().clean() or {}
        check_words(self, "text", MailKind.TICKET_REPLY)
        return cleaned


def check_words(form: forms.ModelForm[Any], name: str, kind: str) -> None:
    """Say at the field which variable this kind of mail does not have."""
    text = form.cleaned_data.get(name)
    if not text or not kind:
        return
    try:
        check(text, variables_for(kind))
    except RenderError as error:
        form.add_error(name, reason(error).said_by(gettext))
