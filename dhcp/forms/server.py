"""A server and a relay as forms; rows out, not saved yet. Choices hold only what the person may see."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from dhcp.forms.declared import SETTINGS, DeclaredForm, RowForm, Section
from dhcp.forms.fields import WordListField
from dhcp.models import Relay, Server
from hosts.choices import HostRole
from hosts.forms.fields import HostField
from hosts.models import Host, User

WHERE = ("config_path", "lease_path", "unit")
PROBE = ("probes", "probe_host", "probe_interface")


class ServerForm(DeclaredForm[Server]):
    """A server: which host, and what it says of all its networks."""

    first = ("host", "kind", "version", "interfaces")
    interfaces = WordListField(
        label=gettext_lazy("Interfaces"),
        required=False,
        help_text=gettext_lazy("Those it listens on, such as eth1; none: all that have a subnet."),
    )

    class Meta:
        model = Server
        fields = ("host", "kind", "version", "interfaces", "warn_percent", "alarm_percent", *WHERE, *PROBE, *SETTINGS)
        field_classes = {"host": HostField, "probe_host": HostField}
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "host": gettext_lazy("One of your hosts. The panel reaches it over SSH."),
            "config_path": gettext_lazy("Empty: where Debian keeps it."),
            "lease_path": gettext_lazy("Empty: where Debian keeps it."),
            "unit": gettext_lazy("Empty: Debian's."),
        }

    def __init__(self, *args: Any, user: User, server: Server | None = None, **kwargs: Any) -> None:
        super().__init__(*args, user=user, server=server or kwargs["instance"], **kwargs)
        limit_hosts(self, "host", user, HostRole.DHCP_SERVER)
        limit_hosts(self, "probe_host", user, HostRole.DHCP_SERVER)
        unneeded = ("host", "kind", "version") if self.instance.pk else set(self.fields) - {*self.first, *WHERE}
        for name in unneeded:
            del self.fields[name]

    def parts(self) -> list[Section]:
        """With where its files are, the test client and when somebody is told."""
        own, *rest = super().parts()
        row = self.instance
        if not row.pk:
            return [own, (gettext_lazy("Where its files are"), list(WHERE), False)]
        return [
            own,
            *rest,
            (gettext_lazy("When somebody is told"), ["warn_percent", "alarm_percent"], False),
            (gettext_lazy("Test client"), list(PROBE), row.probes),
            (gettext_lazy("Where its files are"), list(WHERE), bool(row.config_path or row.lease_path or row.unit)),
        ]


class RelayForm(RowForm[Relay]):
    """A relay on a host."""

    first = ("host", "servers", "interfaces", "giaddr", "uplinks", "options", "note")
    servers = WordListField(
        label=gettext_lazy("Servers"),
        required=False,
        help_text=gettext_lazy("Addresses of the servers it passes on to, with blanks between them."),
    )
    interfaces = WordListField(
        label=gettext_lazy("Interfaces"),
        required=False,
        help_text=gettext_lazy("Those towards the clients and towards the servers; none: all."),
    )
    giaddr = WordListField(
        label=gettext_lazy("Its addresses on the clients' sides"),
        required=False,
        help_text=gettext_lazy("With their length: 192.168.1.254/24. Servers choose the subnet by them."),
    )
    uplinks = WordListField(
        label=gettext_lazy("Its addresses on the servers' side"),
        required=False,
        help_text=gettext_lazy("With their length: 192.168.0.254/24. Servers need a way back by them."),
    )
    options = WordListField(
        label=gettext_lazy("Options of dhcrelay"),
        required=False,
        help_text=gettext_lazy("Such as -a (adds option 82)."),
    )

    class Meta:
        model = Relay
        fields = ("host", "servers", "interfaces", "giaddr", "uplinks", "options", "note")
        field_classes = {"host": HostField}
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"host": gettext_lazy("One of your hosts, with a leg in each of the networks.")}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, server=Server(), **kwargs)
        limit_hosts(self, "host", user, HostRole.DHCP_RELAY)
        if self.instance.pk:
            del self.fields["host"]


def limit_hosts(form: Any, name: str, user: User, role: str) -> None:
    """Hosts that the person sees; those with the role are offered first."""
    field = form.fields.get(name)
    if field is not None:
        field.queryset = Host.objects.visible_to(user)
        field.suit(role)
