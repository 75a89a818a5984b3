"""What every declaration of a server can say, as a form: times, options by type, boot, other statements, raw text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from dhcp.choices import ServerKind
from dhcp.facts.option_types import kinds
from dhcp.facts.options import ARCHITECTURES
from dhcp.facts.server import LeaseTimes
from dhcp.forms.fields import LeaseTimeField, RowsField, drawn_rows
from dhcp.forms.options import option_of, typed_rows
from dhcp.models import Server
from dhcp.services.editing import ToConfirm
from hosts.errors import BadInput, Explainable
from hosts.forms.refusals import words_of
from hosts.models import User

Row = TypeVar("Row", bound=Model)
SETTINGS = (
    "default_lease_seconds",
    "max_lease_seconds",
    "min_lease_seconds",
    "options",
    "next_server",
    "boot_filename",
    "boot_server_name",
    "boot_by_architecture",
    "parameters",
    "raw",
    "kea",
    "note",
)
BOOT = ("next_server", "boot_filename", "boot_server_name", "boot_by_architecture")
Section = tuple[Any, list[str], bool]
TIMES = gettext_lazy("Lease times")
MORE = gettext_lazy("Text kept as it is, and other statements")


class RowForm(forms.ModelForm[Row]):
    """A row of a server. `first` are the names of its own fields; what a service refuses comes back by `blame`."""

    first: tuple[str, ...] = ()
    confirmed = forms.BooleanField(required=False, label=gettext_lazy("Yes, that is meant"))

    def __init__(self, *args: Any, server: Server, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.server, self.user = server, user
        self.wrong_rows: dict[str, dict[int, str]] = {}
        self.asks_to_confirm = False
        for name, field in self.fields.items():
            if isinstance(field.widget, forms.TextInput):
                field.widget.attrs.update({"autocomplete": "off", "spellcheck": "false"})
            if field.help_text or name in ("ranges",):
                field.widget.attrs.setdefault("aria-describedby", f"id_{name}_helptext")

    def sections(self) -> Iterator[dict[str, Any]]:
        """What belongs together, with whether it is open; each field is a bound one or a table of inputs."""
        for title, names, is_open in self.parts():
            fields = [self.drawn(name) for name in names if name in self.fields]
            if not fields:
                continue
            has_error = any(name in self.errors for name in names) if self.is_bound else False
            yield {"title": title, "fields": fields, "is_open": is_open or has_error}

    def parts(self) -> list[Section]:
        """(title, names of fields, whether it is open)."""
        return [(pgettext_lazy("declaration", "What it is"), list(self.first), True)]

    def drawn(self, name: str) -> dict[str, Any]:
        """A field as the template wants it."""
        if isinstance(self.fields[name], RowsField):
            return {"is_rows": True, **drawn_rows(self, name)}
        return {"is_rows": False, "field": self[name], "live": name if name in LIVE else ""}

    def blame(self, error: Explainable) -> None:
        """What a service refused, at its field where the form has it."""
        if isinstance(error, ToConfirm):
            self.asks_to_confirm = True
        field = error.field if isinstance(error, BadInput) else ""
        self.add_error(field if field in self.fields and field != "confirmed" else None, words_of(error))

    def refuse_row(self, name: str, at: int, why: str) -> None:
        """An error at one row of a table."""
        self.wrong_rows.setdefault(name, {})[at] = why
        self.add_error(name, why)


LIVE = frozenset({"default_lease_seconds", "max_lease_seconds", "min_lease_seconds", "network", "name", "next_server"})


class DeclaredForm(RowForm[Row]):
    """A row with settings."""

    default_lease_seconds = LeaseTimeField(
        label=gettext_lazy("Lease time"),
        help_text=gettext_lazy("Seconds, or such as 8 h or 7 d; infinite (or -1) never ends. Empty: inherited."),
    )
    max_lease_seconds = LeaseTimeField(
        label=gettext_lazy("Longest lease time"),
        help_text=gettext_lazy("What a client gets at most that asks for more."),
    )
    min_lease_seconds = LeaseTimeField(
        label=gettext_lazy("Shortest lease time"), help_text=gettext_lazy("What a client gets at least.")
    )
    options = RowsField(
        {"name": gettext_lazy("Option"), "value": gettext_lazy("Value")},
        lists={"name": "option-names"},
        label=gettext_lazy("Options"),
        help_text=gettext_lazy(
            "Start to type a name: routers, domain-name-servers, ntp-servers. Several values have commas between them."
        ),
    )
    boot_by_architecture = RowsField(
        {"code": gettext_lazy("Machine"), "file": gettext_lazy("Boot file")},
        choices={"code": [("", "–"), *((str(code), name) for code, name in ARCHITECTURES.items())]},
        label=gettext_lazy("Boot files by architecture"),
        help_text=gettext_lazy("Goes before the boot file above for machines of that kind."),
    )
    parameters = RowsField(
        {"name": gettext_lazy("Statement"), "value": gettext_lazy("Rest of it")},
        label=gettext_lazy("Other statements"),
        help_text=gettext_lazy("Of dhcpd.conf(5), without the semicolon: ddns-update-style none, authoritative."),
    )
    raw = forms.CharField(
        label=gettext_lazy("Text kept as it is"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "class": "code-input", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Goes into the file as typed, behind all the rest. The panel does not understand it: its checks, forms and "
            "pages know nothing of what stands here."
        ),
    )
    kea = forms.CharField(
        label=gettext_lazy("Members only Kea has"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "class": "code-input", "spellcheck": "false"}),
        help_text=gettext_lazy("A JSON object; its members go into the file beside those that the panel writes."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row: Any = self.instance
        self.custom = kinds(each.facts() for each in self.server.definitions.all()) if self.server.pk else {}
        self.initial["options"] = typed_rows(row.options, self.custom)
        self.initial["boot_by_architecture"] = [(str(code), name) for code, name in row.boot_by_architecture]
        self.initial["parameters"] = [(name, value) for name, value in row.parameters]
        self.initial["raw"] = "\n".join(row.raw)
        self.initial["kea"] = _kea_text(row.kea)
        for name in ("kea",) if self.server.kind == ServerKind.ISC else ("raw", "parameters"):
            if not self.initial[name]:
                del self.fields[name]
        if self.server.version == 6:
            for name in ("next_server", "boot_server_name"):
                if not getattr(row, name):
                    del self.fields[name]

    def parts(self) -> list[Section]:
        """Its own fields first, then those of every declaration."""
        row: Any = self.instance
        has_boot = bool(row.next_server or row.boot_filename or row.boot_by_architecture)
        return [
            *super().parts(),
            (TIMES, ["default_lease_seconds", "max_lease_seconds", "min_lease_seconds"], True),
            (gettext_lazy("Options"), ["options"], True),
            (gettext_lazy("Network boot (PXE)"), list(BOOT), has_boot),
            (MORE, ["parameters", "raw", "kea"], bool(row.raw or row.parameters)),
            (pgettext_lazy("comment", "Note"), ["note"], bool(row.note)),
        ]  # fmt: skip

    def clean_options(self) -> list[dict[str, Any]]:
        """Each by its type; one that was not touched stays as it is."""
        row: Any = self.instance
        kept = {
            (each["name"], shown[1]): each for each, shown in zip(row.options, self.initial["options"], strict=True)
        }
        found = []
        for at, (name, value) in enumerate(self.cleaned_data["options"]):
            try:
                found.append(kept.get((name, value)) or option_of(name, value, self.server, self.custom))
            except BadInput as error:
                self.refuse_row("options", at, words_of(error))
        return found

    def clean_boot_by_architecture(self) -> list[list[Any]]:
        """Each with both of its parts."""
        found = []
        for at, (code, name) in enumerate(self.cleaned_data["boot_by_architecture"]):
            if not code.isdecimal() or not name:
                self.refuse_row("boot_by_architecture", at, _("Choose the kind of machine and name its boot file."))
                continue
            found.append([int(code), name])
        return found

    def clean_parameters(self) -> list[list[str]]:
        """A semicolon that was typed is one too many."""
        return [[name, value.rstrip("; ")] for name, value in self.cleaned_data["parameters"]]

    def clean_raw(self) -> list[str]:
        """What was not touched stays in its pieces."""
        typed = self.cleaned_data["raw"].replace("\r\n", "\n").rstrip()
        row: Any = self.instance
        if typed == self.initial["raw"].rstrip():
            return list(row.raw)
        return [typed] if typed.strip() else []

    def clean_kea(self) -> list[list[str]]:
        """Each member with its JSON."""
        typed = self.cleaned_data["kea"].strip()
        row: Any = self.instance
        if typed == self.initial["kea"].strip():
            return list(row.kea)
        try:
            found = json.loads(typed or "{}")
        except ValueError as error:
            raise ValidationError(_("That is no JSON: %(why)s") % {"why": error}) from error
        if not isinstance(found, dict):
            raise ValidationError(_("Write a JSON object: braces around members."))
        return [[name, json.dumps(value, ensure_ascii=False)] for name, value in found.items()]

    def times(self) -> LeaseTimes:
        """As they are in the row."""
        row: Any = self.instance
        return LeaseTimes(row.default_lease_seconds, row.max_lease_seconds, row.min_lease_seconds)


def _kea_text(members: list[list[str]]) -> str:
    if not members:
        return ""
    return "{\n" + ",\n".join(f"  {json.dumps(name)}: {value}" for name, value in members) + "\n}"
