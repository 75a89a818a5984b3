"""A ticket: whose it is, where it stands, who works on it."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hosts.models import Host, Organization, Tag, User
from tickets.choices import TicketSource, TicketState
from tickets.models.contact import Contact
from tickets.models.house import Agent, Department, Sla, Team
from tickets.models.labels import HelpTopic, Priority, Status
from tickets.models.read_once import once

MOST_LISTED = 500
"""Up to so many referrals are named one by one: only plain values let PostgreSQL use its indexes for each part of an
OR. With a subquery in it, the few closed tickets of a small department are found by reading all closed tickets.
"""
MOST_OF_REACH = 2_000
FINISHED = (TicketState.RESOLVED, TicketState.CLOSED, TicketState.ARCHIVED)


def agent_at_work(user: User) -> Agent | None:
    """The person as an agent, with login, role and department; None for others, and where the login is off."""
    rows = Agent.objects.select_related("user", "role", "department")
    return once(("agent at work", user.pk), lambda: rows.filter(user=user, user__is_active=True).first())


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Tickets by what one asks about them."""

    def visible_to(self, user: User) -> Self:
        """Those of an agent's departments, those given to them or their teams, those referred to them.

        Administrators see all; staff without an agent's row see none. Deleted ones are for `trash` alone.
        """
        alive = self.exclude(state=TicketState.DELETED)
        return alive.within_reach_of(user)

    def within_reach_of(self, user: User) -> Self:
        """The same with deleted ones."""
        if user.is_superuser:
            return self
        agent = agent_at_work(user)
        if agent is None:
            return self.none()
        teams, departments, referred = once(("reach", agent.pk), lambda: _reach_of(agent))
        mine = Q(agent=agent)
        if teams:
            mine |= Q(team__in=teams)
        if not agent.only_assigned:
            mine |= Q(department__in=departments)
        if referred is None:
            return self.filter(mine | Q(pk__in=_referrals(agent, teams, departments)))
        return self.filter(mine | Q(pk__in=referred)) if referred else self.filter(mine)

    def open(self) -> Self:
        """Those that somebody still waits for."""
        return self.filter(state=TicketState.OPEN)

    def with_people(self) -> Self:
        """With the rows that only they name; what all tickets share is put to them by `services.house.put_names`.

        For few tickets: each is joined with its person. The addresses are read where somebody has no name.
        """
        return self.select_related("contact", "organization").prefetch_related("tags")

    def shown_whole(self) -> Self:
        """With every row that a line of a list names.

        Each by a query of its own: planning a join of nine tables takes longer than all of them, and for a page of
        fifty the join was made with every ticket of the queue.
        """
        return self.prefetch_related(
            *("contact__addresses", "organization", "department", "status", "priority"),
            *("topic", "agent__user", "team", "tags"),
        )


class Ticket(models.Model):
    """A request and its course. `state` repeats the status's, and the times its last entries', for the indexes."""

    number = models.CharField(_("number"), max_length=32, unique=True)
    subject = models.CharField(_("subject"), max_length=255)
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="tickets", verbose_name=_("owner"))
    organization = models.ForeignKey(
        Organization,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("organization"),
    )
    department = models.ForeignKey(Department, models.PROTECT, related_name="tickets", verbose_name=_("department"))
    topic = models.ForeignKey(
        HelpTopic, models.SET_NULL, null=True, blank=True, related_name="tickets", verbose_name=_("help topic")
    )
    status = models.ForeignKey(Status, models.PROTECT, related_name="tickets", verbose_name=_("status"))
    state = models.CharField(_("state"), max_length=16, choices=TicketState, default=TicketState.OPEN)
    priority = models.ForeignKey(Priority, models.PROTECT, related_name="tickets", verbose_name=_("priority"))
    source = models.CharField(_("came by"), max_length=16, choices=TicketSource, default=TicketSource.DESK)
    mailbox = models.ForeignKey(
        "tickets.Mailbox", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("mailbox")
    )
    agent = models.ForeignKey(
        Agent, models.SET_NULL, null=True, blank=True, related_name="tickets", verbose_name=_("agent")
    )
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="tickets", verbose_name=_("team")
    )
    hosts = models.ManyToManyField(Host, related_name="tickets", blank=True, verbose_name=_("hosts"))
    tags = models.ManyToManyField(Tag, related_name="tickets", blank=True, verbose_name=_("tags"))
    cause_key = models.CharField(
        max_length=200, blank=True, editable=False, help_text="what in the panel opened it; one open ticket for each"
    )

    sla = models.ForeignKey(Sla, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("SLA"))
    first_response_due_at = models.DateTimeField(_("first response due"), null=True, blank=True, editable=False)
    sla_due_at = models.DateTimeField(_("resolution due"), null=True, blank=True, editable=False)
    due_at = models.DateTimeField(_("due"), null=True, blank=True, help_text=_("Set by hand; goes before the SLA."))
    is_overdue = models.BooleanField(_("overdue"), default=False, editable=False)
    is_answered = models.BooleanField(_("answered"), default=False, editable=False)

    created_at = models.DateTimeField(_("opened"), default=timezone.now, editable=False)
    active_at = models.DateTimeField(_("last activity"), default=timezone.now, editable=False)
    last_message_at = models.DateTimeField(_("last message"), null=True, editable=False)
    last_response_at = models.DateTimeField(_("last response"), null=True, editable=False)
    last_respondent = models.ForeignKey(Agent, models.SET_NULL, null=True, editable=False, related_name="+")
    first_response_at = models.DateTimeField(_("first response"), null=True, editable=False)
    reopened_at = models.DateTimeField(_("reopened"), null=True, editable=False)
    resolved_at = models.DateTimeField(_("resolved"), null=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, editable=False)

    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="merged"
    )
    merged_at = models.DateTimeField(null=True, editable=False)
    state_before_merge = models.CharField(max_length=16, blank=True, editable=False)
    follows = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="followed_by"
    )
    minutes_spent = models.PositiveIntegerField(_("minutes spent"), default=0, editable=False)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        constraints = [
            models.UniqueConstraint(
                fields=["cause_key"],
                condition=Q(state=TicketState.OPEN) & ~Q(cause_key=""),
                name="tickets_one_open_per_cause",
            )
        ]
        indexes = [
            models.Index(fields=["-active_at", "-id"], name="tickets_by_activity"),
            models.Index(fields=["state", "-active_at", "-id"], name="tickets_by_state"),
            models.Index(fields=["department", "state", "-active_at", "-id"], name="tickets_by_department"),
            models.Index(fields=["agent", "state", "-active_at", "-id"], name="tickets_by_agent"),
            models.Index(fields=["team", "state", "-active_at", "-id"], name="tickets_by_team"),
            models.Index(fields=["contact", "-id"], name="tickets_by_contact"),
            models.Index(fields=["organization", "-id"], name="tickets_by_organization"),
            models.Index(fields=["sla_due_at"], condition=Q(state=TicketState.OPEN), name="tickets_open_by_sla_due"),
            models.Index(fields=["due_at"], condition=Q(state=TicketState.OPEN), name="tickets_open_by_due"),
            models.Index(fields=["resolved_at"], condition=Q(state=TicketState.RESOLVED), name="tickets_to_close"),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("tickets:ticket", args=[self.number])

    @property
    def is_finished(self) -> bool:
        """Whether nobody waits for it any more."""
        return self.state in FINISHED


class Collaborator(models.Model):
    """A contact in copy, who gets what the owner gets and may answer."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="collaborators")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="collaborations", verbose_name=_("contact"))
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("One that a stranger put in copy waits for an agent's word.")
    )
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("collaborator")
        verbose_name_plural = _("collaborators")
        constraints = [models.UniqueConstraint("ticket", "contact", name="tickets_collaborator_once")]

    def __str__(self) -> str:
        return str(self.contact)


class Referral(models.Model):
    """Sight of a ticket for an agent, a team or a department that is not in charge of it."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="referrals")
    agent = models.ForeignKey(Agent, models.CASCADE, null=True, blank=True, related_name="referrals")
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="referrals")
    department = models.ForeignKey(Department, models.CASCADE, null=True, blank=True, related_name="referrals")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        constraints = [
            models.CheckConstraint(
                condition=Q(agent__isnull=False, team__isnull=True, department__isnull=True)
                | Q(agent__isnull=True, team__isnull=False, department__isnull=True)
                | Q(agent__isnull=True, team__isnull=True, department__isnull=False),
                name="tickets_referral_to_one",
            )
        ]

    def __str__(self) -> str:
        return str(self.agent or self.team or self.department)


class Follower(models.Model):
    """An agent who wants to be told of a ticket that is not theirs."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="followers")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="following")

    class Meta:
        verbose_name = _("follower")
        verbose_name_plural = _("followers")
        constraints = [models.UniqueConstraint("ticket", "agent", name="tickets_follower_once")]

    def __str__(self) -> str:
        return str(self.agent)


class TicketLink(models.Model):
    """Two tickets that belong together, `first` being the older one."""

    first = models.ForeignKey(Ticket, models.CASCADE, related_name="links_to")
    second = models.ForeignKey(Ticket, models.CASCADE, related_name="links_from")

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints = [
            models.UniqueConstraint("first", "second", name="tickets_link_once"),
            models.CheckConstraint(condition=Q(first__lt=models.F("second")), name="tickets_link_older_first"),
        ]

    def __str__(self) -> str:
        return f"{self.first} – {self.second}"


class Viewing(models.Model):
    """That an agent has a ticket open, and whether they write; older than a minute it means nothing."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="viewings")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="viewings")
    is_writing = models.BooleanField(default=False)
    seen_at = models.DateTimeField()
    read_up_to = models.PositiveBigIntegerField(default=0, help_text="the newest entry that was shown")

    class Meta:
        verbose_name = _("viewing")
        verbose_name_plural = _("viewings")
        constraints = [models.UniqueConstraint("ticket", "agent", name="tickets_viewing_once")]

    def __str__(self) -> str:
        return f"{self.agent}: {self.ticket}"


def _reach_of(agent: Agent) -> tuple[list[int], list[int], list[int] | None]:
    """The keys of an agent's teams, of their departments, and of the tickets that are referred to them, to their teams
    or departments, None where they are many: in one query, each part of it by its index.
    """
    of_teams = Q(team__memberships__agent=agent)
    of_departments = Q(department__accesses__agent=agent), Q(department=agent.department_id)
    referrals = [Q(agent=agent), of_teams, *(() if agent.only_assigned else of_departments)]
    first, *others = (
        agent.memberships.annotate(part=Value(0)).values_list("part", "team"),
        agent.accesses.annotate(part=Value(1)).values_list("part", "department"),
        *(Referral.objects.filter(each).annotate(part=Value(2)).values_list("part", "ticket") for each in referrals),
    )
    parts: tuple[list[int], ...] = ([], [agent.department_id], [])
    rows = list(first.union(*others, all=True).order_by("part")[:MOST_OF_REACH])
    for part, key in rows:
        parts[part].append(key)
    referred = list(dict.fromkeys(parts[2]))
    return parts[0], parts[1], None if len(rows) == MOST_OF_REACH or len(referred) > MOST_LISTED else referred


def _referrals(agent: Agent, teams: list[int], departments: list[int]) -> models.QuerySet[Referral, int]:
    referred_to = Q(agent=agent) | Q(team__in=teams)
    if not agent.only_assigned:
        referred_to |= Q(department__in=departments)
    return Referral.objects.filter(referred_to).values_list("ticket", flat=True)
