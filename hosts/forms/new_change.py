"""What was typed to open a change in: where, what and how; the hosts, and the proposal for each of them, out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hosts.choices import HostRole, Source
from hosts.errors import BadInput
from hosts.facts.change import WantedFile
from hosts.facts.proposal import Proposal
from hosts.facts.words import reason
from hosts.forms.fields import ContentField, ModeField, line
from hosts.models import Host, ManagedFile, Tag, User
from hosts.services.managed import COMMAND_SECONDS, propose_command, propose_managed_file
from hosts.services.one_file import propose_file
from hosts.services.presets import known_presets, propose_preset
from hosts.services.rollouts import Manner

PRESET, MANAGED, COMMAND, FILE = "preset", "managed", "command", "file"
KINDS = (
    (PRESET, _("A ready-made change"), _("Message of the day, a key, kernel parameters, a package, a reboot.")),
    (FILE, _("Put a file there"), _("Type or paste its text.")),
    (MANAGED, _("A managed file"), _("One that the panel keeps for many hosts.")),
    (COMMAND, _("Run a command"), _("With one that looks whether it worked, and one that undoes it.")),
)
SOURCES = {PRESET: Source.PRESET, MANAGED: Source.MANAGED_FILE, COMMAND: Source.COMMAND, FILE: Source.MANAGED_FILE}
FIRST_PRESET = known_presets()[0].name
LONGEST_FILE = 2 * 1024 * 1024


class NewChangeForm(forms.Form):
    """One page: hosts, one of four kinds, the reasons, and the manner where there are several hosts."""

    host = forms.ModelMultipleChoiceField(label=_("Hosts"), queryset=Host.objects.none(), required=False)
    tag = forms.ModelMultipleChoiceField(label=_("Tags"), queryset=Tag.objects.none(), required=False)
    role = forms.MultipleChoiceField(label=_("Roles"), choices=HostRole.choices, required=False)

    kind = forms.ChoiceField(choices=[(name, label) for name, label, _about in KINDS], initial=PRESET)
    preset = forms.ChoiceField(
        choices=[(each.name, each.title.msgid) for each in known_presets()], required=False, initial=FIRST_PRESET
    )
    managed = forms.ModelChoiceField(
        label=_("Managed file"),
        queryset=ManagedFile.objects.none(),
        required=False,
        empty_label=_("Choose a managed file"),
    )
    command = line(_("Command"), help_text=_("Split as a shell would, but no shell runs it: no pipes, no $VARIABLES."),
                   placeholder="systemctl restart isc-dhcp-server", max_length=4000)  # fmt: skip
    command_verify = line(_("Verify"), help_text=_("Must end well for the change to hold."),
                          placeholder="systemctl is-active isc-dhcp-server")  # fmt: skip
    undo = line(_("Undo"), help_text=_("Runs where the command or its verification fails."))
    timeout_seconds = forms.IntegerField(
        label=_("Time limit"), min_value=1, max_value=3600, initial=COMMAND_SECONDS, required=False,
        help_text=_("Seconds; after that it is ended and counts as failed."),
    )  # fmt: skip
    path = line(_("Path"), help_text=_("Absolute, on the host."), placeholder="/etc/motd", max_length=4096)
    content = ContentField(label=_("Content"), required=False, max_length=LONGEST_FILE)
    remove = forms.BooleanField(label=_("The file shall not be there"), required=False)
    owner = line(_("Owner"), initial="root", max_length=64)
    group = line(_("Group"), initial="root", max_length=64)
    mode = ModeField(label=_("Mode"), initial=0o644)
    is_secret = forms.BooleanField(label=_("Secret: its text is never shown"), required=False)
    make_parents = forms.BooleanField(label=_("Create missing directories"), required=False)
    check_command = line(_("Check"), help_text=_("Runs before the file is in place; {staged} is its path."),
                         placeholder="visudo -cf {staged}")  # fmt: skip
    activate_command = line(_("Activate"), placeholder="systemctl reload nginx")
    verify_command = line(_("Verify"), placeholder="systemctl is-active nginx")
    guard_seconds = forms.IntegerField(
        label=_("Guard"), min_value=10, max_value=3600, required=False,
        help_text=_("For what could cut the panel off: seconds after which the host puts the old state back by itself "
                    "unless the panel gets through."),
    )  # fmt: skip

    title = line(_("Title"), help_text=_("Empty: the panel finds one."), code=False, max_length=200)
    why = forms.CharField(
        label=_("Why"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For whoever approves it, and for whoever wonders in a year."),
    )  # fmt: skip
    reference = line(_("Reference"), help_text=_("A ticket number or a link."), code=False, max_length=200)
    canary_count = forms.IntegerField(
        label=_("Canary hosts"), min_value=0, initial=1, required=False,
        help_text=_("So many go first; the others wait until they hold."),
    )  # fmt: skip
    batch_size = forms.IntegerField(
        label=_("At a time"), min_value=1, initial=10, required=False, help_text=_("Hosts at the same time.")
    )
    failures_allowed = forms.IntegerField(
        label=_("Failures allowed"), min_value=0, initial=0, required=False, help_text=_("One more stops it.")
    )

    def __init__(self, data: QueryDict | None = None, *, user: User, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        for preset in known_presets():
            for asked in preset.fields:
                self.fields[preset_field(preset.name, asked.name)] = _preset_input(asked)
        self.user = user
        visible = Host.objects.visible_to(user)
        self._rows("host", visible)
        self._rows("tag", Tag.objects.filter(hosts__in=visible).distinct().order_by("name"))
        self._rows("managed", ManagedFile.objects.visible_to(user).order_by("name"))

    @property
    def kind_now(self) -> str:
        """The chosen kind, also where the form does not hold yet."""
        wanted = self.data.get("kind") if self.is_bound else self.initial.get("kind")
        return wanted if wanted in SOURCES else PRESET

    def chosen_hosts(self) -> QuerySet[Host]:
        """All hosts that were named, or carry a chosen tag or role; by name."""
        said = self.cleaned_data
        wanted = Q(pk__in=[host.pk for host in said.get("host") or []])
        if said.get("tag"):
            wanted |= Q(tags__in=said["tag"])
        if said.get("role"):
            wanted |= Q(role_rows__role__in=said["role"])
        return (
            Host.objects.visible_to(self.user).filter(wanted).select_related("organization").distinct().order_by("name")
        )

    def clean(self) -> dict[str, Any]:
        """What each kind cannot do without."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if not (said.get("host") or said.get("tag") or said.get("role")):
            self.add_error("host", gettext("Choose at least one host, a tag or a role."))
        kind = said.get("kind")
        if kind == MANAGED and not said.get("managed") and "managed" not in self.errors:
            self.add_error("managed", gettext("Choose a managed file."))
        if kind == COMMAND and not said.get("command", "").strip():
            self.add_error("command", gettext("Type the command to run."))
        if kind == FILE and not said.get("path", "").strip():
            self.add_error("path", gettext("Type the path of the file."))
        return said

    def proposer(self) -> Callable[[Host], Proposal]:
        """host -> what is proposed for it. Calling it raises BadInput or RenderError in words."""
        said = self.cleaned_data
        makers: dict[str, Callable[[Host], Proposal]] = {
            PRESET: lambda host: propose_preset(said["preset"] or FIRST_PRESET, self._preset_values(), host),
            MANAGED: lambda host: propose_managed_file(said["managed"], host),
            COMMAND: lambda _host: propose_command(
                said["title"], said["command"], verify_line=said["command_verify"], undo_line=said["undo"],
                timeout_seconds=said["timeout_seconds"] or COMMAND_SECONDS,
            ),
            FILE: lambda _host: self._file(),
        }  # fmt: skip
        make, title = makers[said["kind"]], said["title"]

        def propose(host: Host) -> Proposal:
            found = make(host)
            return Proposal(title or found.title, found.bundle, found.means, found.edits)

        return propose

    def manner(self) -> Manner:
        """How it goes where there are several hosts."""
        said = self.cleaned_data
        canary = said.get("canary_count")
        return Manner(1 if canary is None else canary, said.get("batch_size") or 10, said.get("failures_allowed") or 0)

    def blame(self, error: Exception) -> None:
        """Put the words of a refused plan at the field they are about."""
        field = error.field if isinstance(error, BadInput) else ""
        if self.cleaned_data["kind"] == PRESET:
            field = preset_field(self.cleaned_data["preset"], field)
        elif self.cleaned_data["kind"] == COMMAND and field == "verify_command":
            field = "command_verify"
        elif field == "hosts":
            field = "host"
        self.add_error(field if field in self.fields else None, reason(error).said_by(gettext))

    def _file(self) -> Proposal:
        said = self.cleaned_data
        content = None if said["remove"] else said["content"]
        wanted = WantedFile(
            said["path"].strip(), content, said["owner"] or "root", said["group"] or "root", said["mode"],
            said["is_secret"], said["make_parents"],
        )  # fmt: skip
        return propose_file(
            wanted, check_line=said["check_command"], activate_line=said["activate_command"],
            verify_line=said["verify_command"], guard_seconds=said["guard_seconds"],
        )  # fmt: skip

    def _preset_values(self) -> dict[str, str]:
        name = self.cleaned_data["preset"] or FIRST_PRESET
        asked = next(preset.fields for preset in known_presets() if preset.name == name)
        values = {each.name: self.cleaned_data.get(preset_field(name, each.name)) for each in asked}
        return {field: "yes" if value is True else "" if value in (None, False) else str(value)
                for field, value in values.items()}  # fmt: skip

    def _rows(self, name: str, rows: QuerySet[Any]) -> None:
        field: Any = self.fields[name]
        field.queryset = rows


def preset_field(preset: str, name: str) -> str:
    """What a preset's field is called in the form."""
    return f"{preset}-{name}"


def _preset_input(asked: Any) -> forms.Field:
    """The input for one thing that a preset asks for; required-ness is judged by the preset itself."""
    kwargs: dict[str, Any] = {"label": _(asked.label.msgid), "help_text": _(asked.help.msgid), "required": False}
    if asked.kind == "yes_no":
        return forms.BooleanField(**kwargs)
    kwargs["initial"] = asked.initial
    if asked.kind == "text":
        attrs = {"rows": 6, "class": "code-input", "spellcheck": "false"}
        return forms.CharField(**kwargs, strip=False, max_length=100_000, widget=forms.Textarea(attrs=attrs))
    return line(kwargs.pop("label"), **kwargs, max_length=20_000)
