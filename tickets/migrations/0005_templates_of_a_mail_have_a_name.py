"""A word for the set that a mail's own words belong to; nothing in the database changes."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0004_a_note_goes_along_with_a_forwarded_mail")]

    operations = [
        migrations.AlterField(
            model_name="mailtemplate",
            name="templates",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="mails",
                to="tickets.templateset",
                verbose_name="template set",
            ),
        ),
    ]
