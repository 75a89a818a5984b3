"""Closed lists of words. A value is stored as it is and never shown; the label is what people read."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class HostRole(TextChoices):
    """What a machine is for."""

    XEN = "xen", _("Xen dom0")
    DHCP_SERVER = "dhcp_server", _("DHCP server")
    DHCP_RELAY = "dhcp_relay", _("DHCP relay")
    WEB = "web", _("Web server")
    DNS = "dns", _("DNS server")
    PLAIN = "plain", _("Plain")


class HostState(TextChoices):
    """What the panel knows of the way to a host."""

    NEW = "new", _("Not enrolled")
    KEY_OFFERED = "key_offered", _("Host key to accept")
    REACHABLE = "reachable", _("Reachable")
    UNREACHABLE = "unreachable", _("Unreachable")
    KEY_CHANGED = "key_changed", _("Host key changed")


class HostKeyState(TextChoices):
    """What a person said of a host key."""

    OFFERED = "offered", _("Offered")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    REPLACED = "replaced", _("Replaced")


class CredentialKind(TextChoices):
    """How the panel proves to a host who it is."""

    PRIVATE_KEY = "private_key", _("Private key")
    PASSWORD = "password", _("Password")


class ChangeState(TextChoices):
    """Where a change is on its way to its host. DESIGN: docs/architecture.md, "A change on its way"."""

    PLANNED = "planned", _("Planned")
    COMPARED = "compared", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    QUEUED = "queued", _("Queued")
    APPLYING = "applying", _("Applying")
    APPLIED = "applied", _("Applied")
    UNCHANGED = "unchanged", _("Nothing to change")
    REFUSED = "refused", _("Refused")
    ROLLED_BACK = "rolled_back", _("Rolled back")
    FAILED = "failed", _("Failed")
    LOST = "lost", _("Outcome unknown")
    DISCARDED = "discarded", _("Discarded")


class StepName(TextChoices):
    """The steps of a change in the order in which they happen. The last eight happen on the host."""

    PLAN = "plan", _("Plan")
    COMPARE = "compare", _("Compare with the host")
    APPROVE = "approve", _("Approve")
    CONNECT = "connect", _("Connect")
    LOCK = "lock", _("Lock")
    DRIFT = "drift", _("Drift")
    BEFORE = "before", _("Prepare")
    STAGE = "stage", _("Stage")
    CHECK = "check", _("Check")
    SWAP = "swap", _("Swap")
    ACTIVATE = "activate", _("Activate")
    VERIFY = "verify", _("Verify")
    CONFIRM = "confirm", _("Confirm over a new connection")
    PUT_BACK = "put_back", _("Put back")


class StepState(TextChoices):
    """How far a step is."""

    RUNNING = "running", _("Running")
    OK = "ok", _("Done")
    FAILED = "failed", _("Failed")
    SKIPPED = "skipped", _("Not needed")


class RolloutState(TextChoices):
    """How far one change over many hosts is."""

    PLANNED = "planned", _("Planned")
    RUNNING = "running", _("Running")
    STOPPED = "stopped", _("Stopped")
    DONE = "done", _("Done")


class DriftState(TextChoices):
    """Whether a file on a host is what the panel last put there."""

    IN_PLACE = "in_place", _("In place")
    DRIFTED = "drifted", _("Drifted")
    MISSING = "missing", _("Missing")
    ADOPTED = "adopted", _("Adopted")


class FileKind(TextChoices):
    """What lies at a path of a host. Anything but a regular file or nothing is refused."""

    ABSENT = "absent", _("nothing")
    FILE = "file", _("a file")
    DIRECTORY = "directory", _("a directory")
    SYMLINK = "symlink", _("a symbolic link")
    OTHER = "other", _("a device, pipe or socket")


class Source(TextChoices):
    """Which part of the panel made a change."""

    MANAGED_FILE = "managed_file", _("Managed file")
    COMMAND = "command", _("Command")
    PRESET = "preset", _("Preset")
    PUT_BACK = "put_back", _("Put back")
    OVERWRITE = "overwrite", _("Overwrite drift")
    API = "api", _("API")
    DHCP = "dhcp", _("DHCP")


class Scope(TextChoices):
    """What an API token may do. Each wider scope is asked for on its own."""

    READ = "read", _("Read")
    PLAN = "plan", _("Plan and edit")
    APPROVE = "approve", _("Approve")
    APPLY = "apply", _("Apply")


class Via(TextChoices):
    """Through which door a write came."""

    WEB = "web", _("Browser")
    API = "api", _("API")
    WORKER = "worker", _("Worker")
    COMMAND = "command", _("Command line")


class Tone(TextChoices):
    """The five meanings a state can have for a reader; every page, mail and chart uses these only."""

    NEUTRAL = "idle", _("Neutral")
    RUNNING = "run", _("Running")
    GOOD = "good", _("Good")
    ATTENTION = "warn", _("Needs attention")
    BROKEN = "bad", _("Broken")


class Severity(TextChoices):
    """How much a finding matters."""

    NOTE = "note", _("Note")
    WARNING = "warning", _("Warning")
    CRITICAL = "critical", _("Critical")
