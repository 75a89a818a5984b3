"""The help desk's own order: departments, teams, roles, agents, and what the desk as a whole is set to."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hosts.models import User
from tickets.choices import NumberKind, SignatureKind
from tickets.facts.schedule import DAYS, WorkingHours
from tickets.models.seeded import seeded


class Role(models.Model):
    """What an agent may do in a department: values of `choices.Permission`."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    permissions = models.JSONField(_("permissions"), default=list)
    notes = models.TextField(_("notes"), blank=True)

    class Meta:
        verbose_name = _("desk role")
        verbose_name_plural = _("desk roles")

    def __str__(self) -> str:
        return seeded(self.name)


class Schedule(models.Model):
    """Working hours by weekday, as {"mon": [["09:00", "18:00"]], ...}, and days that are off as ISO dates."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    hours = models.JSONField(_("hours"), default=dict)
    holidays = models.JSONField(_("days off"), default=list)

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")

    def __str__(self) -> str:
        return self.name

    def facts(self) -> WorkingHours:
        """The hours as rules count with them. What cannot be read is nobody's working time."""
        days = {day: [_span(span) for span in self.hours.get(day, [])] for day in DAYS}
        week = tuple(tuple(sorted(span for span in days[day] if span[0] < span[1])) for day in DAYS)
        return WorkingHours(self.time_zone, week, frozenset(date.fromisoformat(day) for day in self.holidays))


class Sla(models.Model):
    """What is promised: hours to the first answer and to the end, counted in a schedule or around the clock."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    first_response_minutes = models.PositiveIntegerField(_("minutes to the first response"), null=True, blank=True)
    resolve_minutes = models.PositiveIntegerField(_("minutes to the resolution"), null=True, blank=True)
    schedule = models.ForeignKey(Schedule, models.PROTECT, null=True, blank=True, verbose_name=_("schedule"))
    alerts_when_overdue = models.BooleanField(_("alert when overdue"), default=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("SLA")
        verbose_name_plural = _("SLAs")

    def __str__(self) -> str:
        return seeded(self.name)


class TemplateSet(models.Model):
    """The words of the mails that the desk writes. What a set does not say, the built-in words say."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    notes = models.TextField(_("notes"), blank=True)

    class Meta:
        verbose_name = _("template set")
        verbose_name_plural = _("template sets")

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A part of the house that tickets belong to."""

    name = models.CharField(_("name"), max_length=100)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    manager = models.ForeignKey(
        "tickets.Agent", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("manager")
    )
    mailbox = models.ForeignKey(
        "tickets.Mailbox",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("writes from"),
        help_text=_("The address that its answers come from."),
    )
    templates = models.ForeignKey(TemplateSet, models.SET_NULL, null=True, blank=True, verbose_name=_("templates"))
    sla = models.ForeignKey(Sla, models.SET_NULL, null=True, blank=True, verbose_name=_("SLA"))
    schedule = models.ForeignKey(Schedule, models.SET_NULL, null=True, blank=True, verbose_name=_("schedule"))
    signature = models.TextField(_("signature"), blank=True)
    is_public = models.BooleanField(_("public"), default=True, help_text=_("Customers see its name."))
    answers_new_tickets = models.BooleanField(_("acknowledges new tickets"), default=True)
    answers_messages = models.BooleanField(_("acknowledges messages"), default=False)
    claims_by_answer = models.BooleanField(
        _("auto-claim"), default=True, help_text=_("Who answers an unassigned ticket takes it.")
    )
    is_archived = models.BooleanField(_("archived"), default=False)

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        constraints = [
            models.UniqueConstraint("parent", "name", name="tickets_department_once_per_parent"),
            models.UniqueConstraint(
                fields=["name"], condition=Q(parent__isnull=True), name="tickets_department_top_name_once"
            ),
        ]

    def __str__(self) -> str:
        return seeded(self.name)


class AgentQuerySet(models.QuerySet["Agent"]):
    """Agents by what one asks about them."""

    def at_work(self) -> Self:
        """Those who can be given tickets and told of them."""
        return self.filter(user__is_active=True, is_on_vacation=False)


class Agent(models.Model):
    """A person of the staff who answers tickets."""

    user = models.OneToOneField(User, models.CASCADE, related_name="agent", verbose_name=_("person"))
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="agents", verbose_name=_("primary department")
    )
    role = models.ForeignKey(Role, models.PROTECT, verbose_name=_("role there"))
    signature = models.TextField(_("signature"), blank=True)
    signature_kind = models.CharField(
        _("signature under answers"), max_length=16, choices=SignatureKind, default=SignatureKind.OWN
    )
    is_on_vacation = models.BooleanField(_("on vacation"), default=False)
    only_assigned = models.BooleanField(
        _("limited to assigned"), default=False, help_text=_("Sees only tickets that are theirs or their team's.")
    )
    default_queue = models.CharField(_("queue to start with"), max_length=64, blank=True, default="open")
    page_size = models.PositiveSmallIntegerField(_("rows per page"), default=50)

    objects = AgentQuerySet.as_manager()

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")

    def __str__(self) -> str:
        return str(self.user)


class DepartmentAccess(models.Model):
    """A further department that an agent works for, and the role there."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="accesses")
    department = models.ForeignKey(Department, models.CASCADE, related_name="accesses", verbose_name=_("department"))
    role = models.ForeignKey(Role, models.PROTECT, verbose_name=_("role"))
    gets_alerts = models.BooleanField(_("gets alerts"), default=True)

    class Meta:
        verbose_name = _("access to a department")
        verbose_name_plural = _("access to departments")
        constraints = [models.UniqueConstraint("agent", "department", name="tickets_access_once")]

    def __str__(self) -> str:
        return f"{self.agent}: {self.department}"


class Team(models.Model):
    """Agents of any departments who take tickets together."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    lead = models.ForeignKey(Agent, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("lead"))
    is_active = models.BooleanField(_("active"), default=True)
    members = models.ManyToManyField(Agent, through="TeamMember", related_name="teams", verbose_name=_("members"))

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """That an agent is in a team."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="memberships", verbose_name=_("agent"))
    gets_alerts = models.BooleanField(_("gets alerts"), default=True)

    class Meta:
        verbose_name = _("team member")
        verbose_name_plural = _("team members")
        constraints = [models.UniqueConstraint("team", "agent", name="tickets_team_member_once")]

    def __str__(self) -> str:
        return f"{self.team}: {self.agent}"


class Sequence(models.Model):
    """A counter that ticket numbers are made from. A `#` of `pattern` is a digit: TKT-###### makes TKT-000041."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    kind = models.CharField(_("kind"), max_length=16, choices=NumberKind, default=NumberKind.SEQUENCE)
    pattern = models.CharField(_("pattern"), max_length=20, default="######")
    next_value = models.PositiveBigIntegerField(_("next"), default=1)

    class Meta:
        verbose_name = _("number sequence")
        verbose_name_plural = _("number sequences")

    def __str__(self) -> str:
        return seeded(self.name)


def first_alerts() -> dict[str, Any]:
    """The matrix of a new desk, {kind of mail: [who is told]}."""
    return {
        "ticket.alert": ["manager", "members"],
        "message.alert": ["last-respondent", "assigned-agent", "assigned-team", "followers"],
        "note.alert": ["assigned-agent", "followers"],
        "assigned.alert": ["assigned-agent", "assigned-team"],
        "transfer.alert": ["assigned-agent", "manager"],
        "ticket.overdue": ["assigned-agent", "assigned-team", "manager"],
        "task.alert": ["assigned-agent", "assigned-team"],
        "task.activity.alert": ["assigned-agent"],
        "task.assignment.alert": ["assigned-agent", "assigned-team"],
        "task.transfer.alert": ["manager"],
        "task.overdue.alert": ["assigned-agent", "manager"],
        "mailbox.alert": ["admins"],
    }


class DeskSettings(models.Model):
    """What the desk as a whole is set to: one row, made by a migration."""

    name = models.CharField(_("name of the help desk"), max_length=100, default="Help desk")
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("default department")
    )
    sla = models.ForeignKey(Sla, models.SET_NULL, null=True, blank=True, verbose_name=_("default SLA"))
    sequence = models.ForeignKey(Sequence, models.PROTECT, null=True, blank=True, verbose_name=_("ticket numbers"))
    templates = models.ForeignKey(TemplateSet, models.SET_NULL, null=True, blank=True, verbose_name=_("templates"))
    mailbox = models.ForeignKey(
        "tickets.Mailbox", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("default mailbox")
    )
    accepts_strangers = models.BooleanField(_("accepts mail from unknown senders"), default=True)
    max_open_per_contact = models.PositiveIntegerField(
        _("open tickets per contact"), default=0, help_text=_("0 is no limit.")
    )
    automatic_mails_per_hour = models.PositiveIntegerField(
        _("automatic mails to one address per hour"), default=5, help_text=_("What ends every loop.")
    )
    close_after_days = models.PositiveIntegerField(
        _("days until a resolved ticket is closed"), default=7, help_text=_("0 leaves it resolved.")
    )
    needs_topic_to_close = models.BooleanField(_("a ticket needs a topic to be resolved"), default=False)
    collaborators_from_mail = models.BooleanField(_("addresses in copy become collaborators"), default=True)
    hides_agent_names = models.BooleanField(_("hide agents' names from customers"), default=False)
    strips_quotes = models.BooleanField(_("fold quoted text away"), default=True)
    alerts = models.JSONField(_("alerts"), default=first_alerts)

    class Meta:
        verbose_name = _("desk settings")
        verbose_name_plural = _("desk settings")

    def __str__(self) -> str:
        return self.name


def _span(clock: list[str]) -> tuple[int, int]:
    """["09:00", "18:00"] in minutes after midnight."""
    begin, end = (int(at[:2]) * 60 + int(at[3:]) for at in clock)
    return begin, end
