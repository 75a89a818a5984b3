"""An index for the list of contacts, which is read page by page in the order of names."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0005_templates_of_a_mail_have_a_name")]

    operations = [
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["name", "id"], name="tickets_contact_by_name"),
        ),
    ]
