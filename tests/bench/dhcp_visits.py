"""A filled DHCP server in, the times of searches, of a subnet's page and of reading leases out, in this process.

Import this only after `django.setup()`.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dhcp.models import Lease, Reservation, Server, Subnet
from dhcp.parse.lease_news import lease_news
from dhcp.services import diagnoses, editing, lookups, subnet_maps, usage
from dhcp.services.leases import record_news
from hosts.choices import HostState
from hosts.models import Host, User
from hosts.services.audit import Actor
from hosts.views.keyset import keyset_page
from tests.bench.desk_clock import timed
from tests.bench.dhcp_rows import RESERVED, address, hostname, mac, reserved

SOMEONE = 654_321
Act = Callable[[], Any]


def measured(*, rounds: int, records: int) -> dict[str, Any]:
    """{"searches": [...], "page": [...], "sync": {...}}; times in milliseconds and seconds."""
    user = User.objects.get(is_superuser=True)
    pages = [_row(name, act, rounds) for name, act in _pages().items()]
    searches = [_row(name, act, rounds) for name, act in _searches(user).items()]
    return {"searches": searches, "pages": pages, "sync": _sync(records)}


def _searches(user: User) -> dict[str, Act]:
    someone = mac(SOMEONE)
    asked = {
        "an address": address(SOMEONE)[0],
        "a network": "10.5.0.0/16",
        "how an address begins": "10.5.7.",
        "a MAC": someone,
        "a MAC as Cisco writes it": someone.replace(":", "")[:4]
        + "."
        + someone.replace(":", "")[4:8]
        + "."
        + someone.replace(":", "")[8:],
        "how a MAC begins": someone[:11],
        "how all MACs begin": "00:16:",
        "the end of a MAC": someone[9:],
        "a piece of a MAC without separators": someone[6:14].replace(":", ""),
        "a MAC that is nowhere": "fe:dc:ba",
        "a host name": hostname(SOMEONE) or hostname(SOMEONE - 2),
        "a part of many names": "laptop",
        "a part of one name": "654320",
        "a name that is nowhere": "xylophone",
        "a client id": f"01:{someone}",
    }
    found: dict[str, Act] = {name: _search(user, said) for name, said in asked.items()}
    found["a vendor"] = lambda: _first(lookups.find_leases(user, vendor="PXE"))
    found["abandoned ones"] = lambda: _first(lookups.find_leases(user, state="abandoned"))
    found["all"] = lambda: _first(lookups.find_leases(user))
    found["who had an address"] = lambda: lookups.who_had(address(7)[0], timezone.now(), user)
    found["conversations of a MAC"] = lambda: _first(lookups.find_exchanges(user, mac(7)), "started_at")
    found["conversations of a name that is nowhere"] = lambda: _first(
        lookups.find_exchanges(user, "xylophone"), "started_at"
    )
    found["refused conversations"] = lambda: _first(lookups.find_exchanges(user, outcome="refused"), "started_at")
    found["why a machine has no address"] = lambda: diagnoses.diagnose(hostname(7 * 3), user, now=timezone.now())
    return found


def _search(user: User, said: str) -> Act:
    return lambda: _first(lookups.find_leases(user, said))


def _first(found: lookups.Found[Any], column: str = "key") -> Any:
    return keyset_page(found.rows, column, descending=column != "key").rows


def _pages() -> dict[str, Act]:
    user = User.objects.get(is_superuser=True)
    subnet = Subnet.objects.get(network="10.5.0.0/16")
    small = Subnet(server=subnet.server, network="10.5.0.0/20", first_key="40a050000", last_key="40a050fff")
    small.pk = subnet.pk

    def page() -> None:
        now = timezone.now()
        subnet_maps.cells(subnet, now=now)
        list(usage.history(subnet, since=now - timedelta(days=14), until=now))
        usage.latest_usage(subnet.server)
        usage.forecasts(subnet.server, now=now)
        keyset_page(lookups.find_leases(user, subnet=subnet).rows, "key", descending=False)

    return {
        "a /16: map, chart, usage, forecast, leases": page,
        "a /20, cell by cell": lambda: subnet_maps.cells(small, now=timezone.now()),
        "counting all leases anew (every 15 minutes, by a worker)": lambda: usage.usage_now(
            Server.objects.get(pk=subnet.server_id), now=timezone.now()
        ),
        f"saving one of {RESERVED:,} reservations": _saves(user),
    }


def _saves(user: User) -> Act:
    """Each time another address for another machine."""
    rows = itertools.count(1)

    def save() -> None:
        n = next(rows)
        row = Reservation.objects.get(name=f"fixed{n}")
        row.hostname = f"desk{n}"
        editing.save_reservation(row, by=Actor(user), addresses=[reserved(RESERVED + n)])

    return save


def _row(name: str, act: Act, rounds: int) -> dict[str, Any]:
    """Milliseconds by the clock, and without the time in which other programs held the cores ("alone")."""
    with CaptureQueriesContext(connection) as seen:
        act()
    taken = [timed(act) for _ in range(rounds)]
    alone = sorted(each.alone for each in taken)
    return {
        "name": name,
        "queries": len(seen),
        "best": alone[0],
        "p50": median(alone),
        "p95": alone[min(rounds - 1, round(0.95 * rounds))],
        "clock": median(each.clock for each in taken),
    }


def _sync(records: int) -> dict[str, float]:
    """A file of so many records read for the first time, then with 1 % more; then rewritten with nothing new."""
    host = Host.objects.create(name="sync", address="192.0.2.2", state=HostState.REACHABLE, state_since=timezone.now())
    server = Server.objects.create(host=host)
    text = "".join(_record(n, 0) for n in range(records)).encode()
    more = "".join(_record(n * 97 % records, 1800) for n in range(records // 100)).encode()
    found = {"bytes": len(text)}
    found["first"] = _read(server, text, 1)
    found["new"] = _read(server, text + more, 1)
    found["again"] = _read(server, text + more, 2)
    found["leases"] = Lease.objects.filter(server=server).count()
    return found


def _read(server: Server, data: bytes, inode: int) -> float:
    """Seconds, without those in which other programs held the cores."""
    since = Server.objects.get(pk=server.pk).mark

    def act() -> None:
        news = lease_news(io.BytesIO(data), inode, since)
        record_news(server.pk, news, since=since, now=timezone.now())

    return timed(act).alone / 1000


def _record(n: int, later: int) -> str:
    starts = timezone.now() - timedelta(seconds=3600 - later + n % 600)
    return (
        f"lease {address(n)[0]} {{\n  starts {starts:1 %Y/%m/%d %H:%M:%S};\n"
        f"  ends {starts + timedelta(hours=2):1 %Y/%m/%d %H:%M:%S};\n  cltt {starts:1 %Y/%m/%d %H:%M:%S};\n"
        f"  binding state active;\n  next binding state free;\n  rewind binding state free;\n"
        f'  hardware ethernet {mac(n)};\n  uid "\\001{n:06d}";\n  set vendor-class-identifier = "MSFT 5.0";\n'
        f'  client-hostname "{hostname(n) or "none"}";\n}}\n'
    )
