"""Indexes for pieces of MACs and names, where PostgreSQL can have them. SQLite, and a role without the right to make
the extension, go on without; `manage.py dhcp_search_index` makes them later.
"""

from __future__ import annotations

from django.db import migrations

from dhcp.services.piece_indexes import drop_piece_indexes, make_piece_indexes


def make(apps, schema_editor):
    make_piece_indexes(schema_editor.connection)


def drop(apps, schema_editor):
    drop_piece_indexes(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ('dhcp', '0004_host_names_in_lower_case'),
    ]

    operations = [
        migrations.RunPython(make, drop),
    ]
