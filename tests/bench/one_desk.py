"""Numbers on the command line, one line of JSON out: fill a desk and measure its pages, in this process.

`tests.bench.desk` starts it once for each database, with the environment that names it. 0 tickets: it is filled.
"""

from __future__ import annotations

import json
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402  (models need the set-up above)

from tests.bench.desk_rows import fill  # noqa: E402
from tests.bench.desk_visits import measured  # noqa: E402

if __name__ == "__main__":
    tickets, entries, series, rounds = map(int, sys.argv[1:])
    if tickets:
        call_command("migrate", verbosity=0)
        fill(tickets=tickets, entries=entries)
    print(json.dumps(measured(series=series, rounds=rounds)))
