"""What was typed to find hosts in; those that may still be picked, or be meant by a name, out."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hosts.choices import HostRole
from hosts.models import Host, HostRoleRow
from hosts.views.shell import fragment, person, staff

SHOWN_HOSTS = 30
SUGGESTED_HOSTS = 10


@require_safe
@staff("hosts.view_host")
def suggested(request: HttpRequest) -> HttpResponse:
    """Hosts whose name or address fits each word typed, for a field of one host; those with the role come first."""
    role = request.GET.get("role", "")
    suits = HostRoleRow.objects.filter(host=OuterRef("pk"), role=role)
    rows = Host.objects.visible_to(person(request)).annotate(suits=Exists(suits))
    for word in request.GET.get("q", "").split():
        rows = rows.filter(Q(name__icontains=word) | Q(address__icontains=word) | Q(site__iexact=word))
    found = rows.distinct().order_by("-suits", "name")[:SUGGESTED_HOSTS]
    label = HostRole(role).label if role in HostRole.values else ""
    return fragment(request, "hosts/_suggested.html", {"found": found, "role": label})


def host_picks(request: HttpRequest) -> HttpResponse:
    """Hosts that fit each word typed, to be picked; those picked already are left out."""
    rows = Host.objects.visible_to(person(request))
    picked = [pk for pk in request.GET.getlist("host") if pk.isdecimal()]
    find = request.GET.get("find", "")
    for word in find.split():
        rows = rows.filter(
            Q(name__icontains=word) | Q(address__icontains=word) | Q(site__iexact=word) | Q(tags__name__iexact=word)
        )
    found = list(rows.exclude(pk__in=picked).distinct().order_by("name")[: SHOWN_HOSTS + 1])
    context = {"found": found[:SHOWN_HOSTS], "has_more": len(found) > SHOWN_HOSTS, "find": find}
    return fragment(request, "hosts/_host_picks.html", context)
