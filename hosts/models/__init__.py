"""The rows of hosts, one file for each idea."""

from hosts.models.access import ApiToken, AuditEntry
from hosts.models.change import Change, ChangeFile, FileContent, LogLine, PlanRequest, Step
from hosts.models.fleet import Credential, Host, HostKey, HostRoleRow, Tag
from hosts.models.history import FactsRecord, NetworkCard, SavedFilter
from hosts.models.managed import HostFile, ManagedFile, Override
from hosts.models.people import Organization, User
from hosts.models.rollout import Rollout

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Change",
    "ChangeFile",
    "Credential",
    "FactsRecord",
    "FileContent",
    "Host",
    "HostFile",
    "HostKey",
    "HostRoleRow",
    "LogLine",
    "ManagedFile",
    "NetworkCard",
    "Organization",
    "Override",
    "PlanRequest",
    "Rollout",
    "SavedFilter",
    "Step",
    "Tag",
    "User",
]
