"""Values of rows in, the marks and words that every page shows them with out: states, times, sizes, sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from django import template
from django.db.models import TextChoices
from django.template.defaultfilters import date as formatted
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext, pgettext

from hosts.choices import (
    ChangeState,
    DriftState,
    FileKind,
    HostKeyState,
    HostRole,
    HostState,
    RolloutState,
    Severity,
    Source,
    StepName,
    StepState,
    Tone,
    Via,
)
from hosts.facts.words import from_json
from hosts.models import LogLine
from hosts.rules.highlight import Span
from hosts.rules.progress import tone_of

register = template.Library()

LISTS: tuple[type[TextChoices], ...] = (
    ChangeState,
    HostState,
    RolloutState,
    DriftState,
    HostKeyState,
    StepState,
    StepName,
    Severity,
    HostRole,
    Source,
    FileKind,
    Via,
)
LABELS: dict[str, Any] = {choice.value: choice.label for choices in reversed(LISTS) for choice in choices}
SEVERITIES = {Severity.NOTE: Tone.NEUTRAL, Severity.WARNING: Tone.ATTENTION, Severity.CRITICAL: Tone.BROKEN}
CODE_VALUES = frozenset(
    {"path", "command", "address", "addresses", "package", "key", "value", "device", "unit", "name", "network", "range"}
)
SIGNS = frozenset({"add", "take", "same", "heed", "info"})
MINUTE, HOUR, DAY = 60, 3600, 86400
OLD = 60 * DAY
UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


@register.simple_tag
def state(value: str, tone: str = "", label: str = "") -> str:
    """A state as a badge: its word and its colour. `{% state change.state %}`; `tone` and `label` go before."""
    said = label or LABELS.get(value, value)
    return format_html('<span class="state {}" data-state="{}">{}</span>', tone or tone_name(value), value, said)


@register.filter
def tone_name(value: str) -> str:
    """The css class of a state or severity: idle, run, good, warn or bad."""
    for severity, tone in SEVERITIES.items():
        if value == severity:
            return tone.value
    return str(tone_of(value).value)


@register.filter
def state_label(value: str) -> str:
    """The word of any stored choice in the reader's language."""
    return str(LABELS.get(value, value))


@register.filter
def ago(when: datetime | None) -> str:
    """A time as people say it, with the exact one in its title; a dash for none."""
    if when is None:
        return mark_safe('<span class="soft">–</span>')
    local = timezone.localtime(when)
    shown = (when.astimezone(UTC).isoformat(timespec="seconds"), exact(local), relative(when, timezone.now()))
    return format_html('<time datetime="{}" title="{}">{}</time>', *shown)


def exact(local: datetime) -> str:
    """A time of the reader's zone to the second, the same in every language. Pages show hundreds of them."""
    return f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}"


@register.filter
def clock(when: datetime | None) -> str:
    """The time of day to the second where it is today, else the day too; exact in its title."""
    if when is None:
        return ""
    local = timezone.localtime(when)
    shape = "H:i" if local.date() == timezone.localdate() else pgettext("day and time, as Django's date", "j M H:i")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        when.astimezone(UTC).isoformat(timespec="seconds"),
        exact(local),
        formatted(local, shape),
    )


@register.filter
def day(when: date) -> str:
    """A day of this year as the reader writes it: 3 Nov, 11월 3일."""
    return formatted(when, pgettext("day, as Django's date", "j M"))


@register.simple_tag
def today() -> str:
    """The reader's day with its name: Monday, 23 November."""
    return formatted(timezone.localdate(), pgettext("day with its name, as Django's date", "l, j F"))


def relative(when: datetime, now: datetime) -> str:
    """The distance between two times in the reader's language; a date where it is long."""
    seconds = round((now - when).total_seconds())
    distance = abs(seconds)
    if distance >= OLD:
        return f"{timezone.localtime(when):%Y-%m-%d}"
    if distance < 5:
        return gettext("just now")
    is_past = seconds > 0
    if distance < MINUTE:
        number, said = distance, gettext("%(n)d s ago") if is_past else gettext("in %(n)d s")
    elif distance < HOUR:
        number, said = distance // MINUTE, gettext("%(n)d min ago") if is_past else gettext("in %(n)d min")
    elif distance < DAY:
        number, said = distance // HOUR, gettext("%(n)d h ago") if is_past else gettext("in %(n)d h")
    else:
        number = distance // DAY
        past = ngettext("%(n)d day ago", "%(n)d days ago", number)
        said = past if is_past else ngettext("in %(n)d day", "in %(n)d days", number)
    return said % {"n": number}


@register.filter
def size(count: float | None) -> str:
    """A number of bytes with a unit: 512 B, 1.5 KiB."""
    if count is None:
        return "–"
    amount, unit = float(count), 0
    while abs(amount) >= 1024 and unit < len(UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    shown = f"{amount:.0f}" if unit == 0 or amount >= 100 else f"{amount:.1f}"
    return f"{shown} {UNITS[unit]}"


@register.filter
def took(seconds: float | None) -> str:
    """A length of time as people read it: 3 ms, 1.6 s, 2 min 5 s."""
    if seconds is None:
        return ""
    if seconds < 1:
        return gettext("%(n)s ms") % {"n": f"{seconds * 1000:.0f}"}
    if seconds < MINUTE:
        return gettext("%(n)s s") % {"n": f"{seconds:.1f}"}
    minutes, rest = divmod(round(seconds), MINUTE)
    return gettext("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}


@register.filter
def mode(bits: int | None) -> str:
    """Permission bits as an operator types them: 0644."""
    return "" if bits is None else f"{bits:04o}"


@register.filter
def argv(command: Sequence[str]) -> str:
    """A command's arguments on one line, those with blanks in quotes; to be read, not to be run."""
    return " ".join(f"'{part}'" if not part or any(sign.isspace() for sign in part) else part for part in command)


@register.filter
def sign(row: Sequence[Any]) -> str:
    """The sign of a stored line of meaning, as a css class."""
    first = row[0] if len(row) == 3 else "info"
    return str(first) if first in SIGNS else "info"


@register.filter
def said(row: Sequence[Any]) -> SafeString:
    """A stored sentence, [msgid, values] or [sign, msgid, values], in the reader's language; names in code type."""
    msgid, values = _sentence(row)
    if not values:
        return conditional_escape(gettext(msgid) % {})
    shown = {
        name: format_html("<code>{}</code>", value) if name in CODE_VALUES else conditional_escape(value)
        for name, value in values.items()
    }
    return mark_safe(conditional_escape(gettext(msgid)) % shown)  # noqa: S308  (each part is escaped)


@register.filter
def said_plain(row: Sequence[Any]) -> str:
    """The same sentence without marks, for titles and attributes."""
    msgid, values = _sentence(row)
    return gettext(msgid) % values


@register.simple_tag
def copy(text: object, shown: str = "") -> str:
    """A monospaced value that one click copies."""
    return format_html(
        '<span class="copy"><code>{}</code><button type="button" data-copy="{}" title="{}" aria-label="{}">'
        '<span class="material-symbols-outlined" aria-hidden="true">content_copy</span></button></span>',
        shown or text,
        text,
        pgettext("button", "Copy"),
        gettext("Copy %(text)s") % {"text": text},
    )


@register.simple_tag
def key(letter: str) -> str:
    """The key that presses a button, drawn in it; the button itself carries data-key."""
    return format_html('<kbd aria-hidden="true">{}</kbd>', letter)


@register.simple_tag
def icon(name: str) -> str:
    """A sign out of the shell's font; the words beside it say the same."""
    return format_html('<span class="material-symbols-outlined" aria-hidden="true">{}</span>', name)


@register.filter
def drawn(spans: Sequence[Span]) -> SafeString:
    """The spans of a line of a file: coloured, and marked where they differ; everything escaped."""
    return format_html_join("", "{}", ((_span(span),) for span in spans))


@register.filter
def log_lines(lines: Sequence[LogLine]) -> SafeString:
    """The lines of a log with the time of day to the millisecond and the step. Not a template: there are many."""
    zone = timezone.get_current_timezone()
    labels = {value: str(label) for value, label in StepName.choices}
    return format_html_join(
        "\n",
        "<div><time>{}</time><i>{}</i><span>{}</span></div>",
        (
            (line.at.astimezone(zone).strftime("%H:%M:%S.%f")[:-3], labels.get(line.step, ""), line.text)
            for line in lines
        ),
    )


def _span(span: Span) -> str:
    text = format_html('<span class="hl-{}">{}</span>', span.kind, span.text) if span.kind else span.text
    return format_html("<mark>{}</mark>", text) if span.is_marked else text


def _sentence(row: Sequence[Any]) -> tuple[str, dict[str, Any]]:
    msgid, values = row[-2:] if len(row) >= 2 else (row[0] if row else "", {})
    said_by_value = {
        name: from_json(value).said_by(gettext) if isinstance(value, list) else value
        for name, value in (values or {}).items()
    }
    return str(msgid), said_by_value
