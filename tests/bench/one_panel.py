"""Numbers on the command line, one line of JSON out: the pages of one full panel, measured in this process.

`tests.bench.pages` starts it once for each database, with the environment that names it.
"""

from __future__ import annotations

import json
import sys

import django

django.setup()

from tests.bench.visits import measured  # noqa: E402  (models need the set-up above)

if __name__ == "__main__":
    hosts, changes, lines, rounds = map(int, sys.argv[1:])
    print(json.dumps(measured(hosts=hosts, changes=changes, lines=lines, rounds=rounds)))
