"""What is to be planned, as a program sends it; checked here, made a proposal in hosts.api.planning."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from hosts.choices import HostRole
from hosts.facts.change import Bundle, Command, Guard, WantedFile
from hosts.models import Host, Tag
from hosts.serializers.changes import ChangeSerializer, CommandSerializer
from hosts.serializers.fields import Base64Field, ModeField, VisibleRow
from hosts.serializers.rollouts import RolloutSerializer
from hosts.services.presets import known_presets
from hosts.services.rollouts import Manner


class MannerSerializer(serializers.Serializer[Any]):
    """How a change goes to several hosts."""

    canary_count = serializers.IntegerField(min_value=0, max_value=2_000, default=1)
    batch_size = serializers.IntegerField(min_value=1, max_value=2_000, default=10)
    failures_allowed = serializers.IntegerField(min_value=0, max_value=2_000, default=0)


class ReasonSerializer(serializers.Serializer[Any]):
    """Why, and in what manner."""

    why = serializers.CharField(required=False, allow_blank=True, default="", max_length=10_000)
    reference = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    manner = MannerSerializer(required=False)

    def reasons(self) -> dict[str, Any]:
        """The keywords of services.rollouts.plan_for_hosts."""
        sent = self.validated_data
        manner = Manner(**sent["manner"]) if "manner" in sent else None
        return {"why": sent["why"], "reference": sent["reference"], "manner": manner}


class ForHostsSerializer(ReasonSerializer):
    """The same with a choice of hosts: by id, and all with a tag or a role."""

    hosts = VisibleRow(queryset=Host.objects.all(), many=True, required=False)
    tag = serializers.SlugRelatedField(slug_field="name", queryset=Tag.objects.all(), required=False)
    role = serializers.ChoiceField(choices=HostRole.choices, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Some choice must be made."""
        if not any(attrs.get(name) for name in ("hosts", "tag", "role")):
            raise serializers.ValidationError({"hosts": _("Choose hosts by id, by a tag or by a role.")})
        return attrs


class HostsOfFileSerializer(ReasonSerializer):
    """For a managed file: some of its hosts, or all when none is named."""

    hosts = VisibleRow(queryset=Host.objects.all(), many=True, required=False)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Restart a service where a tag says so",
            value={
                "tag": "web",
                "command": "systemctl restart nginx",
                "verify": "systemctl is-active nginx",
                "why": "New OpenSSL",
                "manner": {"canary_count": 1, "batch_size": 5, "failures_allowed": 0},
            },
            request_only=True,
        )
    ]
)
class CommandPlanSerializer(ForHostsSerializer):
    """A command. The line is split as a shell would, but no shell runs it."""

    title = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    command = serializers.CharField(max_length=10_000)
    verify = serializers.CharField(required=False, allow_blank=True, default="", max_length=10_000)
    undo = serializers.CharField(required=False, allow_blank=True, default="", max_length=10_000)
    timeout_seconds = serializers.IntegerField(min_value=1, max_value=86_400, default=120)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Install a package",
            value={"hosts": [1, 2], "preset": "package", "values": {"name": "chrony"}},
            request_only=True,
        )
    ]
)
class PresetPlanSerializer(ForHostsSerializer):
    """A ready-made change with its values; `GET presets/` lists them."""

    preset = serializers.ChoiceField(choices=[(preset.name, str(preset.title)) for preset in known_presets()])
    values = serializers.DictField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False), required=False, default=dict
    )


class FilePlanSerializer(serializers.Serializer[Any]):
    """One file as it shall be: `text`, or `base64`, or `is_absent`."""

    path = serializers.CharField(max_length=4096, trim_whitespace=False)
    text = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    base64 = Base64Field(required=False)
    is_absent = serializers.BooleanField(required=False, default=False)
    owner = serializers.CharField(max_length=64, default="root")
    group = serializers.CharField(max_length=64, default="root")
    mode = ModeField(default=0o644)
    is_secret = serializers.BooleanField(required=False, default=False)
    make_parents = serializers.BooleanField(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one way to say what it holds."""
        said = [name for name in ("text", "base64") if name in attrs] + ["is_absent"] * bool(attrs["is_absent"])
        if len(said) != 1:
            raise serializers.ValidationError(_("Say what the file shall hold by one of text, base64 and is_absent."))
        return attrs


class GuardSerializer(serializers.Serializer[Any]):
    """Put the old state back unless the panel gets through within so many seconds."""

    seconds = serializers.IntegerField(min_value=10, max_value=3_600, default=120)
    reboots = serializers.BooleanField(required=False, default=False)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A file that is checked before it counts",
            value={
                "hosts": [1],
                "title": "Serve the new subnet",
                "files": [{"path": "/etc/dhcp/dhcpd.conf", "text": "subnet 192.0.2.0 netmask 255.255.255.0 { }\n"}],
                "check": [{"argv": ["dhcpd", "-t", "-cf", "{staged}"]}],
                "activate": [{"argv": ["systemctl", "restart", "isc-dhcp-server"]}],
                "verify": [{"argv": ["systemctl", "is-active", "isc-dhcp-server"]}],
                "guard": {"seconds": 120},
            },
            request_only=True,
        )
    ]
)
class BundlePlanSerializer(ForHostsSerializer):
    """The whole contract of a change: files and commands."""

    title = serializers.CharField(max_length=200)
    files = FilePlanSerializer(many=True, required=False)
    before = CommandSerializer(many=True, required=False)
    check = CommandSerializer(many=True, required=False)
    activate = CommandSerializer(many=True, required=False)
    verify = CommandSerializer(many=True, required=False)
    undo = CommandSerializer(many=True, required=False)
    guard = GuardSerializer(required=False)

    def bundle(self) -> Bundle:
        """What was sent, as the push takes it."""
        sent = self.validated_data
        parts = {name: tuple(_command(each) for each in sent.get(name, ())) for name in COMMAND_PARTS}
        return Bundle(
            files=tuple(_file(each) for each in sent.get("files", ())),
            guard=Guard(**sent["guard"]) if "guard" in sent else None,
            **parts,
        )


class PlannedSerializer(serializers.Serializer[Any]):
    """What came of a plan: one change for one host, a rollout for more."""

    change = ChangeSerializer(allow_null=True)
    rollout = RolloutSerializer(allow_null=True)


class PresetFieldSerializer(serializers.Serializer[Any]):
    """One value that a preset asks for."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    help = serializers.CharField()
    kind = serializers.CharField()
    initial = serializers.CharField()
    required = serializers.BooleanField()  # type: ignore[assignment]


class PresetSerializer(serializers.Serializer[Any]):
    """A ready-made change."""

    name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    fields = PresetFieldSerializer(many=True)  # type: ignore[assignment]


COMMAND_PARTS = ("before", "check", "activate", "verify", "undo")


def _command(sent: dict[str, Any]) -> Command:
    return Command(tuple(sent["argv"]), sent["timeout_seconds"], tuple(sent["environment"].items()))


def _file(sent: dict[str, Any]) -> WantedFile:
    content: bytes | None = None
    if not sent["is_absent"]:
        content = sent["base64"] if "base64" in sent else sent["text"].encode()
    return WantedFile(
        sent["path"],
        content,
        sent["owner"],
        sent["group"],
        sent["mode"],
        sent["is_secret"],
        sent["make_parents"],
    )
