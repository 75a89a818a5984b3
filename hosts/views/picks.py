"""What was typed to find hosts in; those that may still be picked out."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from hosts.models import Host
from hosts.views.shell import fragment, person

SHOWN_HOSTS = 30


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
