"""Values of DHCP's rows in, words and marks of its pages out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext, pgettext

from dhcp.choices import Service
from dhcp.facts.fullness import Thresholds
from dhcp.facts.server import INFINITE
from dhcp.facts.subnet_map import Block, Cell
from dhcp.rules.fullness import tone
from dhcp.services.told import PushState
from hosts.choices import Tone
from hosts.templatetags.panel import state

register = template.Library()
SERVICES = {
    Service.RUNNING: Tone.GOOD,
    Service.STOPPED: Tone.BROKEN,
    Service.MISSING: Tone.ATTENTION,
    Service.UNREACHABLE: Tone.BROKEN,
    Service.UNKNOWN: Tone.NEUTRAL,
}
FILLS = {"alarm": "b", "warn": "w"}
NO_SQUARE = mark_safe('<i class="none" aria-hidden="true"></i>')
CURRENT = mark_safe(' aria-current="true"')


class Square(Protocol):
    """A place of the map: `cell` is None beside its ends, `kind` a css class."""

    @property
    def cell(self) -> Cell | None: ...

    @property
    def machine(self) -> str: ...

    @property
    def kind(self) -> str: ...


class MapLine(Protocol):
    """Addresses beside each other."""

    @property
    def label(self) -> str: ...

    @property
    def squares(self) -> Sequence[Square]: ...


@register.simple_tag
def service(value: str) -> str:
    """The state of a server or a relay on its host, as a badge."""
    known = Service(value) if value in Service.values else Service.UNKNOWN
    return state(known.value, SERVICES[known].value, str(known.label))


@register.simple_tag
def in_step(push: PushState) -> str:
    """Whether the host has what people saved, as a badge."""
    if push.open_change is not None:
        label, tone = gettext("A change is under way"), Tone.RUNNING
    elif push.applied_revision is None:
        label, tone = gettext("Never applied"), Tone.NEUTRAL
    elif push.waits:
        label, tone = gettext("Edits not applied"), Tone.ATTENTION
    else:
        label, tone = gettext("In step with the host"), Tone.GOOD
    return state("in_step", tone.value, label)


@register.filter
def fill(tone: str) -> str:
    """The css class of a bar: w from the warning on, b from the alarm on."""
    return FILLS.get(tone, "")


@register.filter
def lease_time(seconds: int | None) -> str:
    """A lease time in its own units: 8 h, 1 h 30 min, 7 days, infinite; a dash where none is said."""
    if seconds is None:
        return "–"
    if seconds == INFINITE:
        return pgettext("lease time", "infinite")
    days, rest = divmod(seconds, 86400)
    hours, minutes = rest // 3600, rest // 60 % 60
    parts = [ngettext("%(n)d day", "%(n)d days", days) % {"n": days}] if days else []
    parts += [gettext("%(n)d h") % {"n": hours}] if hours else []
    parts += [gettext("%(n)d min") % {"n": minutes}] if minutes else []
    parts += [gettext("%(n)s s") % {"n": rest % 60}] if rest % 60 or not parts else []
    return " ".join(parts[:3])


@register.filter
def until_full(days: int) -> str:
    """When a network will be full at this pace."""
    if days == 0:
        return gettext("full now")
    return ngettext("full in %(n)d day", "full in %(n)d days", days) % {"n": days}


@register.filter
def map_rows(lines: Sequence[MapLine]) -> SafeString:
    """The lines of the map. Not a template: there may be thousands of addresses."""
    return format_html_join(
        "",
        '<div role="row"><b role="rowheader">{}</b>{}</div>',
        ((line.label, _squares(line.squares)) for line in lines),
    )


def _squares(squares: Sequence[Square]) -> SafeString:
    return format_html_join("", "{}", ((_square(square),) for square in squares))


def _square(square: Square) -> SafeString:
    cell = square.cell
    if cell is None:
        return NO_SQUARE
    who = cell.hostname or cell.reserved_for or cell.mac
    title = " · ".join(filter(None, (cell.address, who, square.machine, _until(cell))))
    drawn = '<i role="gridcell" tabindex="-1" class="{}" data-ip="{}" title="{}"></i>'
    return format_html(drawn, square.kind, cell.address, title)


def _until(cell: Cell) -> str:
    if cell.never_ends:
        return gettext("never ends")
    return f"{timezone.localtime(cell.until):%Y-%m-%d %H:%M}" if cell.until else ""


@register.simple_tag
def block_links(blocks: Sequence[Block], opened: Block, thresholds: Thresholds) -> SafeString:
    """Blocks of a large network, each with how full it is; a click opens it."""
    said = gettext("%(first)s – %(last)s: %(leased)s leased of %(pools)s in pools, %(reserved)s reserved")
    drawn = '<a href="?block={}#map" class="{}"{} title="{}"><i style="height:{}%"></i><span class="sr">{}</span></a>'
    return format_html_join(
        "",
        drawn,
        (
            (
                each.first,
                _block_class(each, thresholds),
                CURRENT if each.first == opened.first else "",
                said
                % {
                    "first": each.first,
                    "last": each.last,
                    "leased": each.leased,
                    "pools": each.in_pools,
                    "reserved": each.reserved,
                },
                f"{each.percent:.1f}",
                each.first,
            )
            for each in blocks
        ),
    )


def _block_class(block: Block, thresholds: Thresholds) -> str:
    if not block.in_pools and not block.leased:
        return "none"
    return FILLS.get(tone(block.percent, thresholds), "")
