"""Classes, definitions, keys, DDNS zones and failover halves as forms; rows out, not saved yet."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dhcp.choices import ServerKind
from dhcp.forms.declared import SETTINGS, DeclaredForm, RowForm, Section
from dhcp.forms.fields import LineListField, RowsField
from dhcp.models import ClientClass, Definition, Key, Peer, Server, Space, Subclass, Zone

ALGORITHMS = ("hmac-sha256", "hmac-sha512", "hmac-sha384", "hmac-sha224", "hmac-sha1", "hmac-md5")
TYPES = (
    "text",
    "ip-address",
    "array of ip-address",
    "ip6-address",
    "boolean",
    "unsigned integer 8",
    "unsigned integer 16",
    "unsigned integer 32",
    "integer 32",
    "string",
    "domain-list",
)


class ClassForm(DeclaredForm[ClientClass]):
    """A class of clients."""

    first = ("name", "match", "spawn", "test", "lease_limit")
    match = LineListField(
        label=gettext_lazy("Match"),
        required=False,
        help_text=gettext_lazy(
            'One on each line, what stands after match: if substring(option vendor-class-identifier, 0, 5) = "phone"'
        ),
    )

    class Meta:
        model = ClientClass
        fields = ("name", "match", "spawn", "test", "lease_limit", *SETTINGS)
        widgets = {
            "note": forms.Textarea(attrs={"rows": 3}),
            "test": forms.Textarea(attrs={"rows": 2, "class": "code-input", "spellcheck": "false"}),
        }
        help_texts = {
            "spawn": gettext_lazy("Makes a class of its own for each value: option agent.circuit-id"),
            "lease_limit": gettext_lazy("At most so many leases for the class."),
            "test": gettext_lazy("An expression as Kea writes it: option[60].text == 'phone'"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unneeded = ("test",) if self.server.kind == ServerKind.ISC else ("spawn",)
        for name in unneeded:
            if not getattr(self.instance, name):
                del self.fields[name]


class SubclassForm(DeclaredForm[Subclass]):
    """Clients of a class that are named one by one."""

    first = ("of", "data", "lease_limit")

    class Meta:
        model = Subclass
        fields = ("of", "data", "lease_limit", *SETTINGS)
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "data": gettext_lazy("Hex with colons, or a text in quotes. For match hardware: 1 before the MAC.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = list(self.server.classes.values_list("name", flat=True))
        names += [self.instance.of] if self.instance.of and self.instance.of not in names else []
        self.fields["of"] = forms.ChoiceField(label=gettext_lazy("Class"), choices=[(name, name) for name in names])


class DefinitionForm(RowForm[Definition]):
    """A custom option."""

    first = ("name", "code", "type")

    class Meta:
        model = Definition
        fields = ("name", "code", "type")
        widgets = {"type": forms.TextInput(attrs={"list": "option-types"})}


class SpaceForm(RowForm[Space]):
    """A space of custom options."""

    first = ("name", "widths")

    class Meta:
        model = Space
        fields = ("name", "widths")
        help_texts = {
            "widths": gettext_lazy("As dhcpd writes them: code width 2 length width 2. Empty: one byte each.")
        }


class ZoneForm(RowForm[Zone]):
    """A zone that the server updates."""

    first = ("name", "primary", "key")

    class Meta:
        model = Zone
        fields = ("name", "primary", "key")
        help_texts = {
            "name": gettext_lazy("With the dot at its end: example.org."),
            "primary": gettext_lazy("The address of the name server that takes the updates."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = list(self.server.keys.values_list("name", flat=True))
        names += [self.instance.key] if self.instance.key and self.instance.key not in names else []
        choices = [("", gettext_lazy("None")), *((name, name) for name in names)]
        self.fields["key"] = forms.ChoiceField(label=gettext_lazy("Key"), required=False, choices=choices)


class KeyForm(RowForm[Key]):
    """A key; its secret is taken, and never shown again."""

    first = ("name", "algorithm", "secret", "is_for_omapi")
    secret = forms.CharField(
        label=gettext_lazy("Secret"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("In base64, as tsig-keygen prints it. Empty keeps the one that is there."),
    )

    class Meta:
        model = Key
        fields = ("name", "algorithm", "is_for_omapi")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [*ALGORITHMS]
        known += [self.instance.algorithm] if self.instance.algorithm not in known else []
        self.fields["algorithm"] = forms.ChoiceField(
            label=gettext_lazy("Algorithm"), choices=[(name, name) for name in known]
        )


class PeerForm(RowForm[Peer]):
    """A server's half of a failover pair."""

    first = ("name", "partner", "writes_both", "is_primary", "address", "peer_address")
    writes_both = forms.BooleanField(
        label=gettext_lazy("Write the partner's half, too"),
        required=False,
        help_text=gettext_lazy(
            "With the addresses and ports the other way round. Pools have to name the pair on both."
        ),
    )
    others = RowsField(
        {"name": gettext_lazy("Statement"), "value": gettext_lazy("Rest of it")}, label=gettext_lazy("Other statements")
    )

    class Meta:
        model = Peer
        fields = (
            "name",
            "partner",
            "is_primary",
            "address",
            "peer_address",
            "port",
            "peer_port",
            "max_response_delay_seconds",
            "max_unacked_updates",
            "mclt_seconds",
            "split",
            "load_balance_max_seconds",
            "others",
        )
        help_texts = {
            "name": gettext_lazy("The same on both servers; pools name it."),
            "partner": gettext_lazy(
                "The other server, where the panel has it. Where it has no half yet, both are written at once."
            ),
            "is_primary": gettext_lazy("The primary says MCLT and split; the secondary says neither."),
            "mclt_seconds": gettext_lazy("Seconds that one half may lease alone for. Only the primary says it: 3600."),
            "split": gettext_lazy("Of 256, how much the primary answers: 128 is one half."),
            "max_response_delay_seconds": gettext_lazy("Seconds without a word until the partner counts as gone: 60."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partner: Any = self.fields["partner"]
        rows = Server.objects.visible_to(self.user).exclude(pk=self.server.pk).select_related("host")
        partner.queryset = rows.filter(version=self.server.version, kind=self.server.kind).order_by("host__name")
        if self.instance.pk or not partner.queryset.exists():
            del self.fields["writes_both"]
        self.initial["others"] = [(name, value) for name, value in self.instance.others]

    def clean(self) -> dict[str, Any]:
        """The other half needs a server to stand at."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("writes_both") and not cleaned.get("partner"):
            self.add_error("partner", _("Choose the partner whose half is to be written."))
        return cleaned

    def clean_others(self) -> list[list[str]]:
        """A semicolon that was typed is one too many."""
        return [[name, value.rstrip("; ")] for name, value in self.cleaned_data["others"]]

    def parts(self) -> list[Section]:
        """Who, and how they talk."""
        talk = ["port", "peer_port", "max_response_delay_seconds", "max_unacked_updates", "load_balance_max_seconds"]
        return [
            *super().parts(),
            (gettext_lazy("What the primary says"), ["mclt_seconds", "split"], self.instance.is_primary),
            (gettext_lazy("How they talk"), [*talk, "others"], False),
        ]
