"""What every declaration of a DHCP server can say: lease times, boot, options, and text that nobody understood."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from dhcp.facts.server import INFINITE, Boot, LeaseTimes, OptionValue, Parameter, Raw, Settings


class SecondsField(models.BigIntegerField[int | None, int | None]):
    """Seconds of a lease; INFINITE stands for no end, null says nothing at this level."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"null": True, "blank": True, "validators": [MaxValueValidator(INFINITE)]}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """For the database a big integer like any other."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.BigIntegerField", args, kwargs


class Declared(models.Model):
    """Settings, a note of people, and a place among the declarations of its kind.

    `options` is a list of {"name", "values", "expression"}, `parameters` and `kea` lists of [name, value], `raw` a
    list of texts, `boot_by_architecture` a list of [code, file name]: the fields of `dhcp.facts.server.Settings`.
    """

    default_lease_seconds = SecondsField(_("lease time"))
    max_lease_seconds = SecondsField(_("longest lease time"))
    min_lease_seconds = SecondsField(_("shortest lease time"))
    next_server = models.CharField(
        _("boot server"), max_length=253, blank=True, help_text=_("Where a client loads its boot file from (TFTP).")
    )
    boot_filename = models.CharField(_("boot file"), max_length=1024, blank=True)
    boot_server_name = models.CharField(_("name of the boot server"), max_length=255, blank=True)
    boot_by_architecture = models.JSONField(_("boot files by architecture"), default=list, blank=True)
    options = models.JSONField(_("options"), default=list, blank=True)
    parameters = models.JSONField(_("other statements"), default=list, blank=True)
    raw = models.JSONField(_("text kept as it is"), default=list, blank=True)
    kea = models.JSONField(_("members only Kea has"), default=list, blank=True)
    note = models.TextField(_("note"), blank=True, help_text=_("Stands as a comment in the file of the server."))
    position = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    def settings(self) -> Settings:
        """These columns as pure code knows them."""
        return Settings(
            LeaseTimes(self.default_lease_seconds, self.max_lease_seconds, self.min_lease_seconds),
            Boot(
                self.next_server,
                self.boot_filename,
                self.boot_server_name,
                tuple((int(code), str(name)) for code, name in self.boot_by_architecture),
            ),
            tuple(
                OptionValue(each["name"], tuple(each.get("values", ())), each.get("expression", ""))
                for each in self.options
            ),
            tuple(Parameter(*each) for each in self.parameters),
            tuple(Raw(each) for each in self.raw),
            tuple(Parameter(*each) for each in self.kea),
        )

    def take(self, said: Settings) -> None:
        """Write them into these columns; the row is not saved."""
        times, boot = said.times, said.boot
        self.default_lease_seconds, self.max_lease_seconds = times.default, times.maximum
        self.min_lease_seconds = times.minimum
        self.next_server, self.boot_filename, self.boot_server_name = boot.next_server, boot.filename, boot.server_name
        self.boot_by_architecture = [list(each) for each in boot.by_architecture]
        self.options = [
            {"name": each.name, "values": list(each.values), "expression": each.expression} for each in said.options
        ]
        self.parameters = [[each.name, each.value] for each in said.parameters]
        self.raw = [each.text for each in said.raw]
        self.kea = [[each.name, each.value] for each in said.kea]
