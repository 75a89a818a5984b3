"""A step and its numbers on the command line, one line of JSON out: fill a desk, or measure its pages, in this process.

`tests.bench.desk` starts it for each step on each database, with the environment that names the database.
"""

from __future__ import annotations

import json
import sys
import time

import django

django.setup()

from django.core.management import call_command  # noqa: E402  (models need the set-up above)

from tests.bench.desk_rows import fill  # noqa: E402
from tests.bench.desk_visits import measured  # noqa: E402

if __name__ == "__main__":
    step, first, second = sys.argv[1], *map(int, sys.argv[2:])
    call_command("migrate", verbosity=0)
    if step == "fill":
        began = time.monotonic()
        fill(tickets=first, entries=second)
        print(json.dumps({"seconds": time.monotonic() - began}))
    else:
        print(json.dumps(measured(series=first, rounds=second)))
