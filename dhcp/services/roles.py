"""What the roles of a new panel may do about DHCP."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db import transaction

LOOK = "view"
WORK = ("add", "change", "delete", "view")
ROLES: dict[str, tuple[str, ...]] = {"Viewer": (LOOK,), "Approver": (LOOK,), "Planner": WORK, "Operator": WORK}
"""The roles of the machines' part, which is there first, and the verbs they get on all that DHCP keeps."""
BESIDE_TICKETS: dict[str, tuple[str, ...]] = {"Agent": ("view_lease", "view_reservation")}
"""The desk's role, and what stands beside a customer's ticket."""


@transaction.atomic
def ensure_dhcp_rights() -> list[Group]:
    """Each role gets its verbs once: where it has any right about DHCP, it is left as people made it."""
    given = []
    for name in (*ROLES, *BESIDE_TICKETS):
        group = Group.objects.filter(name=name).first()
        if group is None or group.permissions.filter(content_type__app_label="dhcp").exists():
            continue
        rights = Permission.objects.filter(content_type__app_label="dhcp")
        group.permissions.add(*[right for right in rights if _is_for(name, right.codename)])
        given.append(group)
    return given


def _is_for(name: str, codename: str) -> bool:
    return codename.partition("_")[0] in ROLES.get(name, ()) or codename in BESIDE_TICKETS.get(name, ())
