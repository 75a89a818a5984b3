"""The desk's own order on the wire: departments, agents, roles, promises, hours, numbers, settings of the whole."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.validators import UniqueValidator

from hosts.errors import BadInput
from hosts.facts.words import reason
from hosts.models import User
from tickets.choices import AlertTo, NumberKind, Permission
from tickets.facts.schedule import DAYS
from tickets.models import (
    Agent,
    Department,
    DepartmentAccess,
    DeskSettings,
    HelpTopic,
    Priority,
    Role,
    Schedule,
    Sequence,
    Sla,
    Status,
    Team,
    TeamMember,
)
from tickets.parse.working_hours import working_hours
from tickets.rules.alerts import FOR_AGENTS

LEAST_RANDOM = 5


class SettingSerializer(serializers.ModelSerializer[Any]):
    """A row that a service judges as a whole: what must be there once is refused there, with its field."""

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        """Without DRF's own look for others, which knows nothing of what the service changes first."""
        kind, options = super().build_standard_field(field_name, model_field)
        kept = [one for one in options.get("validators", ()) if not isinstance(one, UniqueValidator)]
        return kind, {**options, "validators": kept} if "validators" in options else options

    def get_validators(self) -> list[Any]:
        """None of its own, for the same reason."""
        return []


class DepartmentSerializer(SettingSerializer):
    """A part of the house that tickets belong to."""

    class Meta:
        model = Department
        fields = [
            "id", "name", "parent", "manager", "mailbox", "templates", "sla", "schedule", "signature", "is_public",
            "answers_new_tickets", "answers_messages", "claims_by_answer", "is_archived",
        ]  # fmt: skip


class RoleSerializer(SettingSerializer):
    """What an agent may do in a department. Reading is always allowed."""

    permissions = serializers.ListField(
        child=serializers.ChoiceField(choices=Permission.choices), default=list, max_length=len(Permission)
    )

    class Meta:
        model = Role
        fields = ["id", "name", "permissions", "notes"]

    def validate_permissions(self, value: list[str]) -> list[str]:
        """Each once, in the order in which people read them."""
        return [one.value for one in Permission if one.value in value]


class AccessSerializer(serializers.ModelSerializer[DepartmentAccess]):
    """A further department of an agent, and the role there."""

    class Meta:
        model = DepartmentAccess
        fields = ["department", "role", "gets_alerts"]
        validators: list[Any] = []


class AgentSerializer(SettingSerializer):
    """Somebody of the staff who answers tickets. `accesses` replaces all of the further departments."""

    name = serializers.CharField(source="user.name", read_only=True)
    email = serializers.EmailField(source="user.email", read_only=True)
    user: Any = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_staff=True, is_active=True, agent=None),
        help_text=_("The id of a person of the staff. It stays the same."),
    )
    accesses = AccessSerializer(many=True, required=False, default=list)

    class Meta:
        model = Agent
        fields = [
            "id", "user", "name", "email", "department", "role", "accesses", "is_on_vacation", "only_assigned",
            "signature_kind", "signature",
        ]  # fmt: skip

    def validate_accesses(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Each department once."""
        return once_each(value, "department")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Their name stands in threads: an agent stays the same person."""
        if self.instance is not None and "user" in attrs:
            raise serializers.ValidationError({"user": gettext("An agent stays the same person.")})
        return attrs


class MembershipSerializer(serializers.ModelSerializer[TeamMember]):
    """That an agent is in a team."""

    class Meta:
        model = TeamMember
        fields = ["agent", "gets_alerts"]
        validators: list[Any] = []


class TeamSerializer(SettingSerializer):
    """Agents who take tickets together. `memberships` replaces all of them."""

    memberships = MembershipSerializer(many=True, required=False, default=list)

    class Meta:
        model = Team
        fields = ["id", "name", "lead", "members", "memberships", "is_active"]
        read_only_fields = ["members"]

    def validate_memberships(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Each agent once."""
        return once_each(value, "agent")


class StatusSerializer(SettingSerializer):
    """A house's own word for a state. One that `is_first` takes that place from the one before."""

    class Meta:
        model = Status
        fields = ["id", "name", "state", "is_first", "can_reopen", "is_shown_to_customers", "position"]


class PrioritySerializer(SettingSerializer):
    """How urgent; 1 is the most urgent."""

    class Meta:
        model = Priority
        fields = ["id", "name", "urgency", "is_default"]


class HelpTopicSerializer(SettingSerializer):
    """What a request is about, and where that leads it."""

    class Meta:
        model = HelpTopic
        fields = [
            "id", "name", "parent", "department", "agent", "team", "priority", "sla", "status", "sequence",
            "acknowledges", "is_public", "is_archived", "position",
        ]  # fmt: skip


class SlaSerializer(SettingSerializer):
    """What is promised, in minutes."""

    class Meta:
        model = Sla
        fields = [
            "id", "name", "first_response_minutes", "resolve_minutes", "schedule", "alerts_when_overdue", "is_active",
        ]  # fmt: skip


class ScheduleSerializer(SettingSerializer):
    """Working hours: {"mon": [["09:00", "12:00"], ["13:00", "18:00"]], …} in `time_zone`, and days off as dates."""

    hours = serializers.DictField(
        child=serializers.ListField(
            child=serializers.ListField(child=serializers.CharField(max_length=5), min_length=2, max_length=2),
            max_length=24,
        )
    )
    holidays = serializers.ListField(child=serializers.DateField(), required=False, default=list, max_length=1000)

    class Meta:
        model = Schedule
        fields = ["id", "name", "time_zone", "hours", "holidays"]

    def validate_hours(self, value: dict[str, list[list[str]]]) -> dict[str, list[list[str]]]:
        """In the order of the clock; no overlaps, and at least one hour in the week."""
        if unknown := sorted(set(value) - set(DAYS)):
            raise serializers.ValidationError(
                gettext("“%(day)s” is no day of the week. They are called mon to sun.") % {"day": unknown[0][:20]}
            )
        try:
            read = {day: working_hours(", ".join("-".join(span) for span in value.get(day, ()))) for day in DAYS}
        except BadInput as error:
            raise serializers.ValidationError(reason(error).said_by(gettext)) from error
        if not any(read.values()):
            raise serializers.ValidationError(
                gettext("Without a working hour no promise is ever due. Type the hours of a day.")
            )
        return {day: spans for day, spans in read.items() if spans}

    def validate_holidays(self, value: list[Any]) -> list[str]:
        """As they are kept: each once, in order."""
        return sorted({day.isoformat() for day in value})


class SequenceSerializer(SettingSerializer):
    """A counter that ticket numbers are made from. `next_value` only goes up."""

    class Meta:
        model = Sequence
        fields = ["id", "name", "kind", "pattern", "next_value"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Enough digits for what it counts."""
        pattern = attrs.get("pattern", getattr(self.instance, "pattern", "######"))
        kind = attrs.get("kind", getattr(self.instance, "kind", NumberKind.SEQUENCE))
        if "#" not in pattern:
            raise serializers.ValidationError(
                {"pattern": gettext("Without a # every ticket would have the same number.")}
            )
        if kind == NumberKind.RANDOM and pattern.count("#") < LEAST_RANDOM:
            said = gettext("Random numbers need at least %(n)d digits.") % {"n": LEAST_RANDOM}
            raise serializers.ValidationError({"pattern": said})
        return attrs


class DeskSettingsSerializer(SettingSerializer):
    """What the desk as a whole is set to. `alerts` is {kind of mail: [who is told]}; what is not named stays."""

    alerts = serializers.DictField(
        child=serializers.ListField(child=serializers.ChoiceField(choices=AlertTo.choices), max_length=len(AlertTo)),
        required=False,
    )

    class Meta:
        model = DeskSettings
        fields = [
            "name", "mailbox", "templates", "department", "sla", "sequence", "accepts_strangers",
            "max_open_per_contact", "collaborators_from_mail", "strips_quotes", "hides_agent_names",
            "automatic_mails_per_hour", "close_after_days", "needs_topic_to_close", "alerts",
        ]  # fmt: skip

    def validate_alerts(self, value: dict[str, list[str]]) -> dict[str, list[str]]:
        """The whole matrix, with what was sent in its places."""
        kinds = {kind.value for kind in FOR_AGENTS}
        if unknown := sorted(set(value) - kinds):
            said = gettext("There is no alert “%(kind)s”.") % {"kind": unknown[0][:40]}
            raise serializers.ValidationError(said)
        known = self.instance.alerts if self.instance is not None else {}
        return {**known, **{kind: [to.value for to in AlertTo if to.value in people] for kind, people in value.items()}}


class MySerializer(serializers.Serializer[Any]):
    """How one answers oneself and what one starts with."""

    name = serializers.CharField(source="user.name", max_length=200)
    language = serializers.ChoiceField(source="user.language", choices=User._meta.get_field("language").choices or ())
    time_zone = serializers.CharField(source="user.time_zone", max_length=64)
    signature = serializers.CharField(allow_blank=True)
    signature_kind: Any = serializers.ChoiceField(choices=Agent._meta.get_field("signature_kind").choices or ())
    is_on_vacation = serializers.BooleanField()
    default_queue = serializers.CharField(allow_blank=True, max_length=64, help_text=_("A queue, or saved-ID."))
    page_size = serializers.IntegerField(min_value=10, max_value=200)


def once_each(value: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The lines, where none names the same row as another one."""
    if any(name not in line for line in value):
        raise serializers.ValidationError(gettext("Each of them needs “%(name)s”.") % {"name": name})
    keys = [line[name].pk for line in value]
    if len(keys) != len(set(keys)):
        raise serializers.ValidationError(gettext("One of them is named twice."))
    return value
