"""Roles that manage canned responses manage the knowledge base, too; people can part the two."""

from __future__ import annotations

from typing import Any

from django.db import migrations

OLD, NEW = "manage-canned", "manage-kb"


def allow(apps: Any, schema_editor: Any) -> None:
    """Give each such role the new permission, behind the old one."""
    for role in apps.get_model("tickets", "Role").objects.all():
        if OLD in role.permissions and NEW not in role.permissions:
            role.permissions.insert(role.permissions.index(OLD) + 1, NEW)
            role.save(update_fields=["permissions"])


def forget(apps: Any, schema_editor: Any) -> None:
    """Take it away again: nothing before this knows it."""
    for role in apps.get_model("tickets", "Role").objects.all():
        if NEW in role.permissions:
            role.permissions.remove(NEW)
            role.save(update_fields=["permissions"])


class Migration(migrations.Migration):
    dependencies = [("tickets", "0006_contacts_by_name")]

    operations = [migrations.RunPython(allow, forget)]
