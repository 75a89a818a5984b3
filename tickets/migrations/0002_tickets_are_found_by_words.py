"""Two tables of words, written and read in SQL by `tickets.services.search_index`, and the words of what there is.

PostgreSQL: `tsvector` and GIN are of its core, so that no extension and no further right is needed. SQLite: FTS5.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

from tickets.parse.search_words import words_of
from tickets.services.search_index import CONTACTS, TICKETS, index_of

TABLES = (TICKETS, CONTACTS)
# `_` belongs to words, for those that stand for a person; accents stay as they are on both databases.
FTS5 = "CREATE VIRTUAL TABLE {0} USING fts5(words, tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\")"
TSVECTOR = (
    "CREATE TABLE {0} (key bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX {0}_words ON {0} USING gin (words)",
)


def make(apps: Any, schema_editor: Any) -> None:
    for table in TABLES:
        for sql in TSVECTOR if schema_editor.connection.vendor == "postgresql" else (FTS5,):
            schema_editor.execute(sql.format(table), params=None)


def fill(apps: Any, schema_editor: Any) -> None:
    contacts, tickets, entries = index_of(CONTACTS), index_of(TICKETS), apps.get_model("tickets", "Entry")
    for key, name in apps.get_model("tickets", "Contact").objects.values_list("pk", "name").iterator():
        emails = apps.get_model("tickets", "ContactAddress").objects.filter(contact=key).values_list("email", flat=True)
        contacts.put(key, words_of(name, *emails))
    columns = ("pk", "number", "subject", "contact")
    for key, number, subject, owner in apps.get_model("tickets", "Ticket").objects.values_list(*columns).iterator():
        tickets.put(key, words_of(number, subject) | {f"person_{owner}"})
        said = entries.objects.filter(ticket=key).order_by("-pk")
        for contact, *texts in said.values_list("contact", "title", "text", "author_name", "author_email").iterator():
            tickets.add(key, words_of(*texts) | ({f"person_{contact}"} if contact else set()))


def unmake(apps: Any, schema_editor: Any) -> None:
    for table in TABLES:
        schema_editor.execute(f"DROP TABLE {table}")


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_the_desk")]

    operations = [
        migrations.RunPython(make, unmake),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
