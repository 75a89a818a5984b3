"""Remember with a forwarded mail the note that was written to it: its files go along."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0003_all_tickets_by_activity")]

    operations = [
        migrations.AddField(
            model_name="outgoingmail",
            name="note",
            field=models.ForeignKey(
                help_text="what was said with it, whose files go along",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="tickets.entry",
            ),
        ),
    ]
