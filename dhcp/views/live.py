"""What stands in a field in; what the panel thinks of it out, while it is still typed. Nothing is kept."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dhcp.facts.address_key import address_key
from dhcp.facts.option_types import kind_by_name, kinds
from dhcp.facts.server import LeaseTimes
from dhcp.forms.options import option_of, type_words
from dhcp.models import Range, Server, Subnet
from dhcp.rules.addresses import address_of, network_of
from dhcp.rules.lease_times import seen
from dhcp.services.editing import lease_seconds_of
from dhcp.templatetags.dhcp import lease_time
from hosts.errors import BadInput
from hosts.forms.refusals import words_of
from hosts.views.shell import fragment, person, staff

TIMES = ("default_lease_seconds", "max_lease_seconds", "min_lease_seconds")


@require_safe
@staff("dhcp.view_server")
def check(request: HttpRequest) -> HttpResponse:
    """Of one field, by its name; `server` says whose options are known, `own` which row is edited."""
    said = request.GET
    server = Server.objects.visible_to(person(request)).filter(pk=_number(said.get("server", "")) or 0).first()
    server = server or Server()
    words, is_wrong = "", False
    try:
        words = _words(request, server)
    except BadInput as error:
        words, is_wrong = words_of(error), True
    return fragment(request, "dhcp/_live.html", {"words": words, "is_wrong": is_wrong})


def _words(request: HttpRequest, server: Server) -> str:
    said = request.GET
    if name := next((name for name in TIMES if name in said), ""):
        return _time(said[name], name)
    if "option" in said:
        return _option(said["option"].strip(), said.get("value", "").strip(), server)
    if "first" in said:
        return _range(said["first"].strip(), said.get("last", "").strip(), server)
    if said.get("network"):
        return _network(said["network"].strip(), server, said.get("own", ""))
    return ""


def _time(typed: str, name: str) -> str:
    seconds = lease_seconds_of(typed, name)
    if seconds is None:
        return ""
    if name != "default_lease_seconds":
        return lease_time(seconds)
    told = seen(LeaseTimes(seconds, seconds, 0))
    values = {"time": lease_time(seconds), "t1": lease_time(told.renew_seconds), "t2": lease_time(told.rebind_seconds)}
    if not told.ends:
        return _("Never ends: the address stays with the machine until somebody releases it.")
    return _("%(time)s: a client renews after %(t1)s (T1) and asks any server after %(t2)s (T2).") % values


def _option(name: str, value: str, server: Server) -> str:
    if not name:
        return ""
    custom = kinds(each.facts() for each in server.definitions.all()) if server.pk else {}
    kind = kind_by_name(name, custom)
    if value:
        option_of(name, value, server, custom)
    return type_words(kind) if kind else ""


def _range(first: str, last: str, server: Server) -> str:
    low, high = address_of(first), address_of(last or first)
    if low is None or high is None or low.version != high.version:
        return ""
    count = abs(int(high) - int(low)) + 1
    if int(high) < int(low):
        return _("The last address stands before the first.")
    if server.pk and not _home(server, str(low)):
        return _("%(address)s lies in no subnet of this server.") % {"address": low}
    ends = address_key(str(low)), address_key(str(high))
    twin = Range.objects.filter(pool__server=server.pk, first_key__lte=ends[1], last_key__gte=ends[0])
    twin = twin.exclude(first=str(low), last=str(high))
    if server.pk and (other := twin.first()):
        return _("Another range has some of them: %(range)s.") % {"range": other}
    return _("%(n)s addresses") % {"n": f"{count:,}"}


def _network(typed: str, server: Server, own: str) -> str:
    found = network_of(typed)
    if found is None or "/" not in typed:
        return ""
    if address_of(typed) != found.network_address:
        return _("Did you mean %(network)s?") % {"network": found}
    first, last = address_key(str(found[0])), address_key(str(found[-1]))
    inside = Subnet.objects.filter(Q(first_key__lte=last) & Q(last_key__gte=first), server=server.pk)
    twin = inside.exclude(pk=_number(own) or 0).first() if server.pk else None
    if twin is not None:
        return _("It overlaps with %(network)s.") % {"network": twin}
    if found.version == 6:
        return ""
    usable = found.num_addresses - 2 if found.prefixlen < 31 else found.num_addresses
    return _("%(n)s addresses for machines, %(first)s to %(last)s") % {
        "n": f"{usable:,}",
        "first": found[1] if found.prefixlen < 31 else found[0],
        "last": found[-2] if found.prefixlen < 31 else found[-1],
    }


def _home(server: Server, address: str) -> bool:
    key = address_key(address)
    return server.subnets.filter(first_key__lte=key, last_key__gte=key).exists()


def _number(typed: str) -> int | None:
    return int(typed) if typed.isdecimal() and len(typed) < 18 else None
