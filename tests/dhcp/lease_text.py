"""Records of a lease file as dhcpd writes them, and servers that read them, for tests."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

from dhcp.choices import ServerKind
from dhcp.facts.lease import LeaseNews
from dhcp.models import Server
from dhcp.parse.lease_news import lease_news
from dhcp.services.leases import Recorded, record_news
from tests import make

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANNE, BERT = "02:00:00:00:00:01", "02:00:00:00:00:02"


def a_server(**more: object) -> Server:
    """A server without networks."""
    return Server.objects.create(**{"host": make.host(), "kind": ServerKind.ISC, **more})


def record(
    ip: str,
    mac: str = "",
    *,
    state: str = "active",
    starts: datetime = NOON,
    ends: datetime | None = None,
    hostname: str = "",
) -> str:
    """One lease; an hour long unless `ends` says otherwise."""
    end = ends or starts + HOUR
    name = f'  client-hostname "{hostname}";\n' if hostname else ""
    hardware = f"  hardware ethernet {mac};\n" if mac else ""
    return (
        f"lease {ip} {{\n  starts {starts:1 %Y/%m/%d %H:%M:%S};\n  ends {end:1 %Y/%m/%d %H:%M:%S};\n"
        f"  binding state {state};\n{hardware}{name}}}\n"
    )


def news_of(server: Server, text: str | bytes, *, inode: int = 1) -> LeaseNews:
    """What a whole file says since the server's mark."""
    data = text.encode() if isinstance(text, str) else text
    return lease_news(io.BytesIO(data), inode, Server.objects.get(pk=server.pk).mark)


def read(server: Server, text: str | bytes, *, inode: int = 1, now: datetime = NOON) -> Recorded | None:
    """Read the file as a worker does, once."""
    since = Server.objects.get(pk=server.pk).mark
    return record_news(server.pk, news_of(server, text, inode=inode), since=since, now=now)
