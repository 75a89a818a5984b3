"""An index for the queue of all tickets, which no state narrows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("hosts", "0004_a_key_may_make_anything"),
        ("tickets", "0002_tickets_are_found_by_words"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["-active_at", "-id"], name="tickets_by_activity"),
        ),
    ]
