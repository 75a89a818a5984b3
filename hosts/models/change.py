"""A change: what it wants, what it saw, what came of it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hosts.choices import ChangeState, FileKind, Source, StepName, StepState
from hosts.facts.change import Bundle, Command, Guard, Order, SeenFile, WantedFile
from hosts.models.fleet import Host
from hosts.models.people import User
from hosts.models.rollout import Rollout
from hosts.models.sealed import Sealed, SealedField
from hosts.models.words import WordsField

ENDED = (
    ChangeState.APPLIED,
    ChangeState.UNCHANGED,
    ChangeState.REFUSED,
    ChangeState.ROLLED_BACK,
    ChangeState.FAILED,
    ChangeState.DISCARDED,
)
ON_THE_WAY = (ChangeState.APPLYING, ChangeState.LOST)


class FileContent(models.Model):
    """The bytes of a file, kept once however many hosts have it. Sealed, since configuration holds secrets too."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveIntegerField(_("bytes"))
    sealed = SealedField()

    class Meta:
        verbose_name = _("file content")
        verbose_name_plural = _("file contents")

    def __str__(self) -> str:
        return self.sha256[:12]

    def read(self) -> bytes:
        """The plain bytes."""
        sealed: Sealed = self.sealed
        return sealed.open()


class ChangeQuerySet(models.QuerySet["Change"]):
    """Changes by what one asks about them."""

    def visible_to(self, user: User) -> Self:
        """Those of hosts of the person's organizations."""
        return self if user.sees_everything else self.filter(host__organization__members=user)

    def open(self) -> Self:
        """Those that are not at their end."""
        return self.exclude(state__in=ENDED)

    def to_compare(self, now: datetime) -> Self:
        """Planned changes whose wake-up call may have been lost."""
        return self.filter(state=ChangeState.PLANNED).filter(Q(next_try_at__isnull=True) | Q(next_try_at__lte=now))

    def to_apply(self, now: datetime) -> Self:
        """Queued changes that may be taken now."""
        return self.filter(state=ChangeState.QUEUED).filter(Q(next_try_at__isnull=True) | Q(next_try_at__lte=now))

    def to_find(self, silent_since: datetime) -> Self:
        """Changes on the way whose worker has not been heard of since, or whose outcome is to be looked up."""
        return self.filter(state__in=ON_THE_WAY).filter(
            Q(heartbeat_at__isnull=True) | Q(heartbeat_at__lte=silent_since)
        )


class Change(models.Model):
    """One bundle for one host, from the plan to the outcome. `uuid` is its name on the host."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    host = models.ForeignKey(Host, models.PROTECT, related_name="changes", verbose_name=_("host"))
    rollout = models.ForeignKey(Rollout, models.PROTECT, null=True, related_name="changes", verbose_name=_("rollout"))
    position = models.PositiveIntegerField(_("position in the rollout"), default=0)
    title = models.CharField(_("title"), max_length=200)
    why = models.TextField(_("why"), blank=True)
    reference = models.CharField(_("reference"), max_length=200, blank=True, help_text=_("A ticket number or a link."))
    source = models.CharField(_("made by"), max_length=16, choices=Source)
    state = models.CharField(_("state"), max_length=16, choices=ChangeState, default=ChangeState.PLANNED)
    means = models.JSONField(_("what it does"), default=list, help_text="[[sign, words]]; sign: add, same, heed, info")
    before = models.JSONField(default=list)
    check_commands = models.JSONField(default=list)
    activate = models.JSONField(default=list)
    verify = models.JSONField(default=list)
    undo = models.JSONField(default=list)
    guard_seconds = models.PositiveIntegerField(_("guard seconds"), null=True)
    reboots = models.BooleanField(_("reboots the host"), default=False)

    planned_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("planned by"))
    planned_at = models.DateTimeField(_("planned at"), auto_now_add=True)
    compared_at = models.DateTimeField(_("compared at"), null=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("approved by"))
    approved_at = models.DateTimeField(_("approved at"), null=True)
    applied_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("applied by"))
    queued_at = models.DateTimeField(_("queued at"), null=True)
    claimed_at = models.DateTimeField(_("taken by a worker at"), null=True)
    claim = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(_("next try at"), null=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    outcome_step = models.CharField(_("decided at"), max_length=16, choices=StepName, blank=True)
    outcome_why = WordsField(_("outcome"), blank=True)
    round_trips = models.JSONField(_("round trips"), default=dict, help_text='{"connects": n, "auths": n, "execs": n}')
    log_bytes = models.PositiveBigIntegerField(default=0)
    puts_back = models.ForeignKey("self", models.PROTECT, null=True, related_name="put_back_by")
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by")

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        permissions = [
            ("plan_change", "Can plan changes"),
            ("approve_change", "Can approve changes"),
            ("apply_change", "Can apply changes"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["host"],
                condition=Q(state__in=ON_THE_WAY),
                name="hosts_one_change_on_its_way_per_host",
            ),
        ]
        indexes = [
            models.Index(fields=["host", "-id"], name="hosts_change_of_host"),
            models.Index(fields=["state", "-id"], name="hosts_change_by_state"),
            models.Index(fields=["rollout", "position"], name="hosts_change_of_rollout"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("hosts:change-detail", args=[self.pk])

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in ENDED

    def bundle(self) -> Bundle:
        """What is wanted, as the push takes it. Contents are opened; a file not compared yet is left out."""
        guard = Guard(self.guard_seconds, self.reboots) if self.guard_seconds else None
        return Bundle(
            files=tuple(file.wanted() for file in self.files.all()),
            before=_commands(self.before),
            check=_commands(self.check_commands),
            activate=_commands(self.activate),
            verify=_commands(self.verify),
            undo=_commands(self.undo),
            guard=guard,
        )

    def order(self) -> Order:
        """The bundle with what the diff was computed from: what the host is told."""
        return Order(str(self.uuid), self.bundle(), tuple(file.seen() for file in self.files.all()))


def _commands(rows: list[dict[str, Any]]) -> tuple[Command, ...]:
    return tuple(
        Command(
            tuple(row["argv"]),
            row.get("timeout_seconds", 60),
            tuple((name, value) for name, value in row.get("environment", [])),
        )
        for row in rows
    )


class ChangeFile(models.Model):
    """One file of a change: as it shall be, and as it was when the diff was made.

    `edit` is set where the wanted content is made from the live one when it is compared (an added key, say):
    {"ensure_line": text}. `wanted_content` is null until then, and where the file shall be absent.
    """

    change = models.ForeignKey(Change, models.CASCADE, related_name="files")
    position = models.PositiveIntegerField(default=0)
    path = models.CharField(_("path"), max_length=4096)
    wanted_content = models.ForeignKey(FileContent, models.PROTECT, null=True, related_name="+")
    is_absent = models.BooleanField(_("shall be absent"), default=False)
    edit = models.JSONField(null=True)
    owner = models.CharField(_("owner"), max_length=64, default="root")
    group = models.CharField(_("group"), max_length=64, default="root")
    mode = models.PositiveIntegerField(_("mode"), default=0o644)
    is_secret = models.BooleanField(_("secret"), default=False)
    make_parents = models.BooleanField(_("create missing directories"), default=False)
    managed_file = models.ForeignKey("hosts.ManagedFile", models.SET_NULL, null=True, related_name="+")

    seen_kind = models.CharField(max_length=16, choices=FileKind, blank=True)
    seen_sha256 = models.CharField(max_length=64, blank=True)
    seen_size = models.PositiveBigIntegerField(default=0)
    seen_owner = models.CharField(max_length=64, blank=True)
    seen_group = models.CharField(max_length=64, blank=True)
    seen_mode = models.PositiveIntegerField(default=0)
    seen_target = models.CharField(max_length=4096, blank=True)
    seen_content = models.ForeignKey(FileContent, models.PROTECT, null=True, related_name="+")
    lines_added = models.PositiveIntegerField(default=0)
    lines_removed = models.PositiveIntegerField(default=0)
    differs = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("file of a change")
        verbose_name_plural = _("files of a change")
        ordering = ["change", "position"]
        constraints = [models.UniqueConstraint("change", "position", name="hosts_change_file_position_once")]

    def __str__(self) -> str:
        return self.path

    def wanted(self) -> WantedFile:
        """The file as it shall be, contents opened."""
        content = None if self.is_absent or self.wanted_content is None else self.wanted_content.read()
        return WantedFile(self.path, content, self.owner, self.group, self.mode, self.is_secret, self.make_parents)

    def seen(self) -> SeenFile:
        """The file as it was when the diff was made; contents left out."""
        return SeenFile(
            self.path,
            FileKind(self.seen_kind or FileKind.ABSENT),
            self.seen_sha256,
            self.seen_size,
            self.seen_owner,
            self.seen_group,
            self.seen_mode,
            None,
            self.seen_target,
        )


class Step(models.Model):
    """One step of a change with its time."""

    change = models.ForeignKey(Change, models.CASCADE, related_name="steps")
    name = models.CharField(max_length=16, choices=StepName)
    state = models.CharField(max_length=16, choices=StepState)
    started_at = models.DateTimeField()
    seconds = models.FloatField(null=True)
    note = WordsField(blank=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [models.UniqueConstraint("change", "name", name="hosts_step_once_per_change")]

    def __str__(self) -> str:
        return f"{self.change_id} {self.name} {self.state}"


class LogLine(models.Model):
    """One line of what the host said while a change was applied."""

    id = models.BigAutoField(primary_key=True)
    change = models.ForeignKey(Change, models.CASCADE, related_name="log_lines", db_index=False)
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    step = models.CharField(max_length=16, choices=StepName, blank=True)
    text = models.TextField()

    class Meta:
        verbose_name = _("log line")
        verbose_name_plural = _("log lines")
        constraints = [models.UniqueConstraint("change", "number", name="hosts_log_line_number_once")]

    def __str__(self) -> str:
        return self.text[:80]


class PlanRequest(models.Model):
    """A request that carried an Idempotency-Key, and the row that came of it: sent again it makes nothing new."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, help_text="SHA-256 of what was sent.")
    made_at = models.DateTimeField(auto_now_add=True, db_index=True)
    made_kind = models.CharField(max_length=100, blank=True, help_text="As app.model, such as hosts.change.")
    made_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("request to plan")
        verbose_name_plural = _("requests to plan")
        constraints = [models.UniqueConstraint("user", "key", name="hosts_plan_request_key_once")]

    def __str__(self) -> str:
        return self.key
