"""Settings: rows that people configure, saved through services."""

from hosts.admin.book import AuditEntryAdmin, HostKeyAdmin
from hosts.admin.credentials import CredentialAdmin
from hosts.admin.house import OrganizationAdmin, TagAdmin
from hosts.admin.people import PersonAdmin, RoleAdmin
from hosts.admin.tokens import ApiTokenAdmin

__all__ = [
    "ApiTokenAdmin",
    "AuditEntryAdmin",
    "CredentialAdmin",
    "HostKeyAdmin",
    "OrganizationAdmin",
    "PersonAdmin",
    "RoleAdmin",
    "TagAdmin",
]
