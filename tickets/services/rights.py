"""The two roles of the panel that a desk begins with: who answers tickets, and who sets the desk up."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

AT_WORK = {
    "tickets": (
        *("view_ticket", "add_ticket", "change_ticket", "delete_ticket", "view_entry", "add_entry", "change_entry"),
        *("view_task", "add_task", "change_task", "view_contact", "add_contact", "change_contact", "view_customer"),
        *("view_cannedresponse", "add_cannedresponse", "change_cannedresponse", "delete_cannedresponse"),
        *("view_ban", "add_ban", "delete_ban", "view_savedqueue", "add_savedqueue", "change_savedqueue"),
        *("delete_savedqueue", "view_department", "view_team", "view_agent", "view_helptopic", "view_status"),
        *("view_priority", "view_sla", "view_incomingmail", "view_outgoingmail"),
    ),
    "hosts": ("view_host", "view_organization", "view_tag", "add_apitoken", "view_apitoken", "change_apitoken"),
}
"""What an agent may do in the panel at all. What of it on which ticket is said by the role at the desk."""
ALL_OF_THE_DESK = "Desk manager"
AGENT = "Agent"


@transaction.atomic
def ensure_desk_roles() -> list[Group]:
    """Make the roles that are missing. One that is there is left as people made it."""
    made = []
    of_agents = Q(pk__in=[])
    for app, names in AT_WORK.items():
        of_agents |= Q(content_type__app_label=app, codename__in=names)
    for name, wanted in ((AGENT, of_agents), (ALL_OF_THE_DESK, of_agents | Q(content_type__app_label="tickets"))):
        group, is_new = Group.objects.get_or_create(name=name)
        if is_new:
            group.permissions.set(Permission.objects.filter(wanted))
            made.append(group)
    return made
