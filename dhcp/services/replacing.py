"""The declarations of a server that others take the place of: what people said of them, and their history, stays."""

from __future__ import annotations

from typing import Any

from dhcp.models import (
    Alarm,
    ClientClass,
    Definition,
    Group,
    Key,
    Peer,
    Pool,
    Reservation,
    Server,
    SharedNetwork,
    Space,
    Subclass,
    Subnet,
    UsageSample,
    Zone,
)

_KINDS: tuple[Any, ...] = (
    Reservation,
    Pool,
    Subnet,
    SharedNetwork,
    Group,
    Subclass,
    ClientClass,
    Definition,
    Space,
    Zone,
    Key,
    Peer,
)


class Replaced:
    """Rows that are replaced: what people said of them is given to the new rows of the same name."""

    def __init__(self, row: Server) -> None:
        self._row = row
        self._subnets = {each.network: each for each in row.subnets.all()}
        self._networks = {each.name: each for each in row.shared_networks.all()}
        self._owners = dict(row.reservations.exclude(organization=None).values_list("name", "organization_id"))
        self._omapi = set(row.keys.filter(is_for_omapi=True).values_list("name", flat=True))
        self._old = {kind: list(kind.objects.filter(server=row).values_list("pk", flat=True)) for kind in _KINDS}

    @property
    def has_rows(self) -> bool:
        """Whether there is anything to replace."""
        return any(self._old.values())

    def clear(self) -> None:
        """What must not be there twice goes first; networks stay until their history has moved."""
        for kind in (Key, Peer):
            kind.objects.filter(pk__in=self._old[kind]).delete()

    def give_back(self) -> None:
        """To the new rows; then the old ones go."""
        server = self._row
        for subnet in server.subnets.exclude(pk__in=self._old[Subnet]):
            if old := self._subnets.pop(subnet.network, None):
                _move(subnet, old, ("name", "warn_percent", "alarm_percent"))
                UsageSample.objects.filter(subnet=old).update(subnet=subnet)
                Alarm.objects.filter(subnet=old).update(subnet=subnet)
        for network in server.shared_networks.exclude(pk__in=self._old[SharedNetwork]):
            if wire := self._networks.pop(network.name, None):
                _move(network, wire, ("warn_percent", "alarm_percent"))
                UsageSample.objects.filter(shared_network=wire).update(shared_network=network)
                Alarm.objects.filter(shared_network=wire).update(shared_network=network)
        for name, owner in self._owners.items():
            server.reservations.filter(name=name).update(organization_id=owner)
        server.keys.filter(name__in=self._omapi).update(is_for_omapi=True)
        for kind in _KINDS:
            kind.objects.filter(pk__in=self._old[kind]).delete()


def _move(new: Any, old: Any, columns: tuple[str, ...]) -> None:
    for name in columns:
        setattr(new, name, getattr(old, name))
    new.save(update_fields=columns)
