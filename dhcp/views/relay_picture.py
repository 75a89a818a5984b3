"""Ways of requests in; a picture as numbers out: networks at the left, relays between, servers at the right."""

from __future__ import annotations

from dataclasses import dataclass, field

from dhcp.services.relay_links import Network, Ways

BOX_WIDTH, BOX_HEIGHT, STEP = 208, 40, 52
COLUMNS = (0, 296, 592)
TOP = 28


@dataclass(frozen=True, slots=True)
class Box:
    """A network, a relay or a server. `tone` is a css class."""

    name: str
    more: str
    url: str
    tone: str
    x: int
    y: int

    @property
    def text_x(self) -> int:
        """Where its words begin."""
        return self.x + 12

    @property
    def name_y(self) -> int:
        """The base line of its name."""
        return self.y + (17 if self.more else 25)

    @property
    def more_y(self) -> int:
        """The base line of what stands below the name."""
        return self.y + 32

    @property
    def shown(self) -> str:
        """As much of the name as the box holds."""
        return self.name if len(self.name) <= 26 else self.name[:25] + "…"


@dataclass(frozen=True, slots=True)
class Line:
    """A way between two boxes, as the points of a curve."""

    path: str
    tone: str


@dataclass(slots=True)
class RelayPicture:
    """Everything that is drawn, in a box of `width` by `height`."""

    height: int
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    width: int = COLUMNS[2] + BOX_WIDTH
    columns: tuple[int, int, int] = COLUMNS


def relay_picture(ways: Ways) -> RelayPicture:
    """Each relay beside its networks, so that few lines cross."""
    picture = RelayPicture(0)
    servers = {row.pk: _box(2, at, str(row), row.host.address, row.get_absolute_url(), _tone(row.service))
               for at, row in enumerate(ways.servers)}  # fmt: skip
    unknown: dict[str, Box] = {}
    at = 0
    for way in ways.relays:
        networks = [_network(each, at + number) for number, each in enumerate(way.networks)]
        at += max(len(networks), 1)
        middle = networks[0].y + (networks[-1].y - networks[0].y) // 2 if networks else TOP + STEP * (at - 1)
        relay = Box(str(way.relay), way.relay.host.address, way.relay.get_absolute_url(), _tone(way.relay.service),
                    COLUMNS[1], middle)  # fmt: skip
        picture.boxes += [*networks, relay]
        picture.lines += [_line(box, relay, "bad" if box.tone == "bad" else "") for box in networks]
        for link in way.links:
            if link.server is not None:
                end = servers[link.server.pk]
            else:
                end = unknown.setdefault(
                    link.written, _box(2, len(servers) + len(unknown), link.written, "?", "", "bad")
                )
            is_broken = bool(link.problems) or link.server is None
            picture.lines.append(_line(relay, end, "bad" if is_broken else "good"))
    for pk, own in ways.direct.items():
        for each in own:
            box = _network(each, at)
            at += 1
            picture.boxes.append(box)
            picture.lines.append(_line(box, servers[pk], "", straight_to=COLUMNS[1] + BOX_WIDTH))
    picture.boxes += [*servers.values(), *unknown.values()]
    picture.height = max((box.y for box in picture.boxes), default=0) + BOX_HEIGHT + 4
    return picture


def _box(column: int, row: int, name: str, more: str, url: str, tone: str) -> Box:
    return Box(name, more, url, tone, COLUMNS[column], TOP + STEP * row)


def _network(network: Network, row: int) -> Box:
    subnet = network.subnet
    url = subnet.get_absolute_url() if subnet else ""
    return _box(0, row, network.name, subnet.name if subnet else "", url, "" if subnet else "bad")


def _tone(service: str) -> str:
    return {"running": "good", "stopped": "bad", "unreachable": "bad", "missing": "warn"}.get(service, "")


def _line(start: Box, end: Box, tone: str, *, straight_to: int = 0) -> Line:
    """`straight_to` leads it past the relays before it bends."""
    x1, y1 = max(start.x + BOX_WIDTH, straight_to), start.y + BOX_HEIGHT // 2
    x2, y2 = end.x, end.y + BOX_HEIGHT // 2
    bend = (x2 - x1) // 2
    return Line(f"M{start.x + BOX_WIDTH},{y1} H{x1} C{x1 + bend},{y1} {x2 - bend},{y2} {x2},{y2}", tone)
