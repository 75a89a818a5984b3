"""Nothing but who asks in; what needs them now, what is going on and how the fleet stands out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hosts.choices import ChangeState, HostState
from hosts.models import Change, Credential, Host, User
from hosts.rules.progress import BAD_ENDS
from hosts.views import pictures
from hosts.views.findings import worst_findings
from hosts.views.host import key_pairs
from hosts.views.shell import fragment, page, person, staff

LINES_SHOWN = 6
RECENT = timedelta(days=7)
GOING_ON = (ChangeState.QUEUED, ChangeState.APPLYING, ChangeState.LOST)


@require_safe
@staff()
def today(request: HttpRequest) -> HttpResponse:
    """What needs me now? On a fresh panel: the four steps to the first change.

    Other apps say their part through TODAY_PROVIDERS, and add pictures through TODAY_PICTURES; somebody who sees no
    hosts sees these alone.
    """
    user = person(request)
    others = _said_by(settings.TODAY_PROVIDERS, request)
    if not user.has_perm("hosts.view_host"):
        if not others:
            raise PermissionDenied
        more = _said_by(settings.TODAY_PICTURES, request)
        return page(request, "hosts/dashboard.html", {"others": others, "more_pictures": more}, title=_("Today"))
    hosts = Host.objects.visible_to(user)
    steps = _first_steps(user)
    context: dict[str, Any] = {"steps": steps, "is_fresh": bool(steps)}
    if not steps:
        context |= _needs(user) | _pictures(user)
        context["more_pictures"] = _said_by(settings.TODAY_PICTURES, request)
    elif hosts.exists():
        context |= _needs(user)
    context |= {"changed_keys": _changed_keys(user), "others": others, **_going_on(user)}
    return page(request, "hosts/dashboard.html", context, title=_("Today"))


@require_safe
@staff("hosts.view_host")
def running(request: HttpRequest) -> HttpResponse:
    """The changes that are on their way, for the card that keeps itself up to date."""
    return fragment(request, "hosts/_running.html", _going_on(person(request)))


def _said_by(providers: Iterable[str], request: HttpRequest) -> list[SafeString]:
    """The parts that other apps add, as HTML, in the order of the settings; a part of nothing is left out."""
    parts = [import_string(path)(request) for path in providers]
    return [part for part in parts if part]


def _needs(user: User) -> dict[str, Any]:
    """Everything that waits for a person, each kind a short list and how many there are in all."""
    hosts = Host.objects.visible_to(user)
    needs: dict[str, Any] = {
        "unreachable": _some(
            hosts.filter(state=HostState.UNREACHABLE, is_in_maintenance=False).order_by("state_since")
        ),
        "offered": _some(hosts.filter(state=HostState.KEY_OFFERED).order_by("state_since")),
        "not_enrolled": _some(hosts.filter(state=HostState.NEW).exclude(state_why="").order_by("state_since")),
    }
    if user.has_perm("hosts.view_change"):
        changes = Change.objects.visible_to(user).select_related("host", "planned_by")
        needs["waiting"] = _some(changes.filter(state=ChangeState.COMPARED).order_by("-id"))
        needs["failed"] = _some(_failed(changes).order_by("-id"))
    if user.has_perm("hosts.view_hostfile"):
        needs["drifted"] = _some(hosts.filter(drifted_count__gt=0).order_by("-drifted_count", "name"))
    if user.has_perm("hosts.view_factsrecord"):
        needs["findings"] = worst_findings(hosts)
    needs["is_calm"] = not any(need["rows"] if isinstance(need, dict) else need for need in needs.values())
    return {"needs": needs}


def _failed(changes: Any) -> Any:
    """Bad ends of the last days that nobody has planned anew since; unknown outcomes however old."""
    recent = changes.filter(state__in=BAD_ENDS - {ChangeState.LOST}, finished_at__gte=timezone.now() - RECENT)
    return (recent | changes.filter(state=ChangeState.LOST)).filter(replaced_by__isnull=True)


def _some(rows: Any) -> dict[str, Any]:
    """The first rows; whether there are more is known without counting a large table."""
    found = list(rows[: LINES_SHOWN + 1])
    return {"rows": found[:LINES_SHOWN], "has_more": len(found) > LINES_SHOWN}


def _changed_keys(user: User) -> list[tuple[Host, Any]]:
    changed = Host.objects.visible_to(user).filter(state=HostState.KEY_CHANGED).order_by("state_since")
    return [(host, key_pairs(host)) for host in changed[:LINES_SHOWN]]


def _going_on(user: User) -> dict[str, Any]:
    if not user.has_perm("hosts.view_change"):
        return {"running": (), "just_ended": ()}
    changes = Change.objects.visible_to(user).select_related("host", "applied_by")
    now = changes.filter(state__in=GOING_ON).order_by("-id")[:LINES_SHOWN]
    just_now = timezone.now() - timedelta(minutes=10)
    ended = changes.filter(finished_at__gte=just_now).order_by("-id")[:LINES_SHOWN]
    return {"running": list(now), "just_ended": list(ended)}


def _pictures(user: User) -> dict[str, Any]:
    hosts = Host.objects.visible_to(user)
    shown: dict[str, Any] = {
        "states": pictures.hosts_by_state(hosts),
        "systems": pictures.hosts_by_system(hosts),
        "freshness": pictures.hosts_by_last_contact(hosts, timezone.now()),
    }
    if user.has_perm("hosts.view_change"):
        shown["days"] = pictures.changes_by_day(Change.objects.visible_to(user))
    return shown


def _first_steps(user: User) -> list[dict[str, Any]]:
    """The way from an empty panel to the first change; nothing once a change was ever planned."""
    if Change.objects.visible_to(user).exists():
        return []
    hosts = Host.objects.visible_to(user)
    host = hosts.order_by("pk").first()
    accepted = hosts.filter(state__in=(HostState.REACHABLE, HostState.UNREACHABLE)).exists()
    return [
        {
            "title": _("Make a credential"),
            "words": _("A key that the panel makes, or one you have. Put its public line on your hosts."),
            "url": reverse("admin:hosts_credential_add"),
            "may": user.has_perm("hosts.add_credential"),
            "is_done": Credential.objects.exists(),
        },
        {
            "title": _("Add a host"),
            "words": _("Its name, its address and the credential. Or import a list you have."),
            "url": reverse("hosts:host-new"),
            "may": user.has_perm("hosts.add_host"),
            "is_done": host is not None,
        },
        {
            "title": _("Accept its key"),
            "words": _("Compare the fingerprint with what the host itself shows. From then on no other key will do."),
            "url": host.get_absolute_url() if host else reverse("hosts:host-list"),
            "may": host is not None,
            "is_done": accepted,
        },
        {
            "title": _("Open the first change"),
            "words": _("Start small, with /etc/motd. You see the difference before anything is sent."),
            "url": reverse("hosts:change-new"),
            "may": accepted and user.has_perm("hosts.plan_change"),
            "is_done": False,
        },
    ]
