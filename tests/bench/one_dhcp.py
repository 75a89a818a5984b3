"""Numbers on the command line, one line of JSON out: fill a DHCP server and measure it, in this process.

`tests.bench.dhcp` starts it once for each database, with the environment that names it. 0 leases: it is filled.
"""

from __future__ import annotations

import json
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402  (models need the set-up above)

from tests.bench.dhcp_rows import fill  # noqa: E402
from tests.bench.dhcp_visits import measured  # noqa: E402

if __name__ == "__main__":
    leases, rounds, records = map(int, sys.argv[1:])
    if leases:
        call_command("migrate", verbosity=0)
        fill(leases=leases)
    print(json.dumps(measured(rounds=rounds, records=records)))
