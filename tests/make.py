"""Rows for tests: every maker fills in what the test does not care about; what it names is taken as it is.

Names and addresses are numbered, so two calls never collide. Nothing here goes through services, except where the
row is only right when a service made it (tokens, changes).
"""

from __future__ import annotations

import hashlib
import itertools
import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from hosts.choices import (
    ChangeState,
    CredentialKind,
    DriftState,
    FileKind,
    HostKeyState,
    HostState,
    RolloutState,
    Source,
    StepName,
    StepState,
)
from hosts.facts.change import Bundle, Command, SeenFile, WantedFile
from hosts.facts.proposal import Proposal
from hosts.models import (
    ApiToken,
    Change,
    Credential,
    FactsRecord,
    FileContent,
    Host,
    HostFile,
    HostKey,
    HostRoleRow,
    LogLine,
    ManagedFile,
    Organization,
    Rollout,
    Step,
    Tag,
    User,
)
from hosts.models.sealed import Sealed
from hosts.services import access, changes
from hosts.services.audit import Actor

PASSWORD = "correct horse battery staple"
SCOPES = ("read", "plan", "approve", "apply")
MOTD = "/etc/motd"
_numbers = itertools.count(1)


def organization(name: str = "", **fields: Any) -> Organization:
    """An organization."""
    return Organization.objects.create(name=name or f"Organization {next(_numbers)}", **fields)


def user(
    email: str = "",
    *,
    permissions: Iterable[str] = (),
    organizations: Iterable[Organization] = (),
    password: str = PASSWORD,
    **fields: Any,
) -> User:
    """A staff member without any permission but those named, such as "hosts.view_host"."""
    email = email or f"person{next(_numbers)}@example.test"
    row = User.objects.create_user(email, password, **{"is_staff": True, "name": email.split("@")[0].title(), **fields})
    row.organizations.set(organizations)
    for name in permissions:
        app, codename = name.split(".")
        row.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return row


def operator(email: str = "", *, role: str = "Operator", **fields: Any) -> User:
    """A staff member in one of the four roles; sees every organization unless `organizations` are given."""
    access.ensure_roles()
    fields.setdefault("all_organizations", not fields.get("organizations"))
    made = user(email, **fields)
    made.groups.set([Group.objects.get(name=role)])
    return made


def admin(email: str = "", **fields: Any) -> User:
    """A superuser."""
    return user(email, is_superuser=True, **fields)


def customer(email: str = "", **fields: Any) -> User:
    """Somebody who can log in but is not staff."""
    return user(email, is_staff=False, **fields)


def actor(person: User | None = None, **fields: Any) -> Actor:
    """Who asks; an administrator where it does not matter."""
    return Actor(person or admin(), **fields)


def token(
    person: User | None = None, scopes: Sequence[str] = SCOPES, name: str = "script", **fields: Any
) -> tuple[ApiToken, str]:
    """A token and its key. `expires_at` or `revoked_at` may be given."""
    person = person or admin()
    row, key = access.issue_token(person, name, scopes, by=Actor(person), expires_at=fields.pop("expires_at", None))
    if fields:
        ApiToken.objects.filter(pk=row.pk).update(**fields)
        row.refresh_from_db()
    return row, key


def tag(name: str = "") -> Tag:
    """A tag."""
    return Tag.objects.get_or_create(name=name or f"tag{next(_numbers)}")[0]


def credential(
    name: str = "", *, password: str = PASSWORD, private_key: str = "", passphrase: str = "", **fields: Any
) -> Credential:
    """A credential with a password, or with a private key (its text is taken as it is)."""
    secret = {"private_key": private_key, "passphrase": passphrase} if private_key else {"password": password}
    fields.setdefault("kind", CredentialKind.PRIVATE_KEY if private_key else CredentialKind.PASSWORD)
    return Credential.objects.create(
        name=name or f"Credential {next(_numbers)}", secret=Sealed.of(json.dumps(secret)), **fields
    )


def host(
    name: str = "", *, roles: Iterable[str] = (), tags: Iterable[Tag | str] = (), key: bool = True, **fields: Any
) -> Host:
    """A reachable host with a credential and an accepted key; `key=False` leaves the key out."""
    number = next(_numbers)
    fields.setdefault("address", f"198.18.{number // 250 % 250}.{number % 250 + 1}")  # 192.0.2.x are the tests' own
    fields.setdefault("port", 1024 + number)
    fields.setdefault("state", HostState.REACHABLE if key else HostState.NEW)
    fields.setdefault("state_since", timezone.now())
    if "credential" not in fields:
        fields["credential"] = credential()
    row = Host.objects.create(name=name or f"host{number}", **fields)
    HostRoleRow.objects.bulk_create([HostRoleRow(host=row, role=role) for role in roles])
    row.tags.set([tag(each) if isinstance(each, str) else each for each in tags])
    if key:
        host_key(row, state=HostKeyState.ACCEPTED)
    return row


def hosts(count: int, **fields: Any) -> list[Host]:
    """So many hosts alike; they share a credential."""
    fields.setdefault("credential", credential())
    return [host(**fields) for _ in range(count)]


def host_key(of: Host, *, state: str = HostKeyState.OFFERED, **fields: Any) -> HostKey:
    """A host key. Its bytes are none a server could use."""
    number = next(_numbers)
    fields.setdefault("key_type", "ssh-ed25519")
    fields.setdefault("public", f"AAAAC3NzaC1lZDI1NTE5AAAA{number:08d}")
    fields.setdefault("fingerprint", f"SHA256:{hashlib.sha256(str(number).encode()).hexdigest()[:43]}")
    return HostKey.objects.create(host=of, state=state, **fields)


def content(data: bytes | str = b"hello\n") -> FileContent:
    """The row that holds these bytes."""
    plain = data.encode() if isinstance(data, str) else data
    digest = hashlib.sha256(plain).hexdigest()
    found = FileContent.objects.filter(pk=digest).first()
    return found or FileContent.objects.create(pk=digest, size=len(plain), sealed=Sealed.of(plain))


def managed_file(
    name: str = "",
    *,
    body: bytes | str = b"Welcome to {{ host.name }}\n",
    hosts: Iterable[Host] = (),
    tags: Iterable[Tag] = (),
    **fields: Any,
) -> ManagedFile:
    """A managed file; without hosts, tags or a role it belongs to no host yet."""
    row = ManagedFile.objects.create(
        name=name or f"File {next(_numbers)}", **{"path": MOTD, "body": content(body), **fields}
    )
    row.hosts.set(hosts)
    row.tags.set(tags)
    return row


def proposal(
    title: str = "Greet whoever logs in",
    *,
    files: Sequence[WantedFile] | None = None,
    activate: str = "",
    **parts: Any,
) -> Proposal:
    """A proposal for one file, /etc/motd, unless `files` or `activate` (words of a command) say otherwise."""
    if files is None:
        files = () if activate else (WantedFile(MOTD, b"Welcome\n"),)
    commands = (Command(tuple(activate.split())),) if activate else ()
    return Proposal(title, Bundle(files=tuple(files), activate=commands, **parts))


def seen(path: str = MOTD, data: bytes | None = b"Old\n", **fields: Any) -> SeenFile:
    """What a worker found at a path; None stands for nothing there."""
    if data is None:
        return SeenFile(path, FileKind.ABSENT)
    return SeenFile(
        **{
            "path": path,
            "kind": FileKind.FILE,
            "sha256": hashlib.sha256(data).hexdigest(),
            "size": len(data),
            "owner": "root",
            "group": "root",
            "mode": 0o644,
            "content": data,
            **fields,
        }
    )


def change(
    on: Host | None = None,
    state: str = ChangeState.PLANNED,
    *,
    by: User | None = None,
    proposal: Proposal | None = None,
    seen: Sequence[SeenFile] | None = None,
    **fields: Any,
) -> Change:
    """A change that really was planned, and from `compared` on compared; then put into `state` with its dates.

    Other columns (`source`, `why`, `rollout`, `position`, ...) may be named.
    """
    planner = by or admin()
    planning = {name: fields.pop(name) for name in PLANNING if name in fields}
    row = changes.plan_change(
        on or host(), proposal or _proposal(), by=Actor(planner), **{"source": Source.MANAGED_FILE, **planning}
    )
    if state not in (ChangeState.PLANNED, ChangeState.DISCARDED):
        paths = [file.path for file in row.files.all()]
        row = changes.record_comparison(row, seen or [_seen(path) for path in paths], seconds=0.1)
    if row.state != state:
        _move(row, state, planner)
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    return row


def rollout(
    on: Sequence[Host] = (), state: str = RolloutState.PLANNED, *, changes: str = ChangeState.APPROVED, **fields: Any
) -> Rollout:
    """A rollout with one change for each host, all in state `changes`."""
    planner = fields.setdefault("planned_by", fields.pop("by", None) or admin())
    if state != RolloutState.PLANNED:
        fields.setdefault("started_by", planner)
        fields.setdefault("started_at", timezone.now())
    row = Rollout.objects.create(**{"title": "Greet everywhere", "state": state, **fields})
    for position, each in enumerate(on):
        change(each, changes, by=planner, rollout=row, position=position)
    return row


def host_file(
    on: Host | None = None,
    path: str = MOTD,
    *,
    data: bytes | str = b"Welcome\n",
    live: bytes | None = None,
    managed: ManagedFile | None = None,
    **fields: Any,
) -> HostFile:
    """A file under management, put there by an applied change; with `live` it has drifted to these bytes."""
    on = on or host()
    plain = data.encode() if isinstance(data, str) else data
    if "change" not in fields:
        fields["change"] = change(on, ChangeState.APPLIED, proposal=_proposal(files=[WantedFile(path, plain)]))
    if live is not None:
        drifted = {"state": DriftState.DRIFTED, "drift_words": "content", "drifted_at": timezone.now()}
        fields = {**drifted, "live_content": content(live), **fields}
    row = HostFile.objects.create(
        host=on,
        path=path,
        path_digest=hashlib.sha256(path.encode()).hexdigest(),
        managed_file=managed,
        **{"content": content(plain), "owner": "root", "group": "root", "mode": 0o644, **fields},
    )
    Host.objects.filter(pk=on.pk).update(drifted_count=on.files.drifted().count())
    return row


def facts_record(on: Host | None = None, report: dict[str, Any] | None = None, **fields: Any) -> FactsRecord:
    """A state of a host's facts; an empty report unless one is given."""
    now = timezone.now()
    said = {"system": {"os_name": "Debian GNU/Linux 12", "kernel": "6.1.0"}} if report is None else report
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    return FactsRecord.objects.create(
        host=on or host(), report=said, **{"first_at": now, "last_at": now, "digest": digest, **fields}
    )


def log_lines(of: Change, count: int = 3, *, step: str = StepName.ACTIVATE) -> list[LogLine]:
    """Lines 1 to `count` of a change's log."""
    now = timezone.now()
    return LogLine.objects.bulk_create(
        [LogLine(change=of, number=n, at=now, step=step, text=f"line {n}") for n in range(1, count + 1)]
    )


def step(of: Change, name: str, state: str = StepState.OK, **fields: Any) -> Step:
    """One step of a change."""
    defaults = {"state": state, "started_at": timezone.now(), "seconds": 0.1, **fields}
    return Step.objects.update_or_create(change=of, name=name, defaults=defaults)[0]


def ago(**parts: float) -> datetime:
    """A moment in the past: ago(minutes=5)."""
    return timezone.now() - timedelta(**parts)


PLANNING = ("source", "why", "reference", "managed", "rollout", "position", "puts_back", "replaces")
CLAIMED = (
    ChangeState.APPLYING,
    ChangeState.LOST,
    ChangeState.APPLIED,
    ChangeState.ROLLED_BACK,
    ChangeState.FAILED,
)
_proposal = proposal
_seen = seen


def _move(row: Change, state: str, by: User) -> None:
    now = timezone.now()
    row.state = state
    if state not in (ChangeState.COMPARED, ChangeState.DISCARDED, ChangeState.UNCHANGED):
        row.approved_by, row.approved_at = by, now
    if state == ChangeState.QUEUED or state in CLAIMED:
        row.applied_by, row.queued_at = by, now
    if state in CLAIMED:
        row.claim, row.claimed_at, row.heartbeat_at = uuid.uuid4(), now, now
    row.finished_at = now if row.has_ended else None
