"""The sidebar, the colours and the palette of the staff pages, as data for django-unfold."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


def _may(permission: str) -> Any:
    def allowed(request: HttpRequest) -> bool:
        return request.user.has_perm(permission)

    return allowed


def _item(title: Any, icon: str, url: str, permission: str, badge: str = "") -> dict[str, Any]:
    item = {"title": title, "icon": icon, "link": reverse_lazy(url), "permission": _may(permission)}
    return item | ({"badge": badge, "badge_variant": "warning"} if badge else {})


OF_PEOPLE = ("/panel/desk/contacts/", "/panel/desk/organizations/")
ELSEWHERE = ("/panel/desk/mail/", "/panel/desk/hooks/", *OF_PEOPLE)


def _at_tickets(request: HttpRequest) -> bool:
    """The queue, a ticket and what belongs to them; the pages of people and of mail have their own entries."""
    return request.path.startswith("/panel/desk/") and not request.path.startswith(ELSEWHERE)


def _desk(title: Any, icon: str, model: str) -> dict[str, Any]:
    return _item(title, icon, f"admin:tickets_{model}_changelist", f"tickets.view_{model}")


def account_links(request: HttpRequest) -> list[dict[str, Any]]:
    """What a person sets for themselves, in the menu at their name; an agent's signature and queue for agents alone."""
    mine = [{"title": _("My preferences"), "link": reverse("tickets:me")}]
    is_agent: bool = import_string("tickets.views.badges.is_agent")(request)
    return [*(mine if is_agent else ()), {"title": _("Change my password"), "link": reverse("password-change")}]


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Rackdesk",
    "SITE_HEADER": "Rackdesk",
    "SITE_URL": None,  # there is no other site to view: the panel is all of it
    "ACCOUNT": {
        "navigation": account_links,
    },
    "SITE_SYMBOL": "dns",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("config/icon.svg")}],
    "SHOW_HISTORY": True,
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [lambda request: static("hosts/panel.css"), lambda request: static("hosts/machines.css")],
    "SCRIPTS": [lambda request: static("hosts/panel.js")],
    "COLORS": {
        "primary": {
            "50": "oklch(97.5% .015 200)",
            "100": "oklch(94% .03 200)",
            "200": "oklch(88% .06 200)",
            "300": "oklch(80% .09 200)",
            "400": "oklch(72% .11 202)",
            "500": "oklch(62% .11 205)",
            "600": "oklch(52% .095 210)",
            "700": "oklch(45% .085 212)",
            "800": "oklch(38% .07 214)",
            "900": "oklch(32% .055 216)",
            "950": "oklch(24% .04 218)",
        }
    },
    "COMMAND": {"search_models": False, "show_history": True, "search_callback": "hosts.views.palette.found"},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "navigation": [
            {
                "items": [
                    _item(_("Today"), "dashboard", "hosts:dashboard", "hosts.view_host")
                    | {
                        "active": lambda request: request.path == reverse("hosts:dashboard"),
                        "permission": "tickets.views.badges.sees_today",
                    }
                ]
            },
            {
                "title": _("Help desk"),
                "separator": False,
                "items": [
                    _item(_("Tickets"), "confirmation_number", "tickets:queue", "", "tickets.views.badges.waiting")
                    | {"permission": "tickets.views.badges.is_agent", "active": _at_tickets},
                    _item(_("Contacts"), "contacts", "tickets:contacts", "")
                    | {
                        "permission": "tickets.views.badges.is_agent",
                        "active": lambda request: request.path.startswith(OF_PEOPLE),
                    },
                    _item(
                        _("Mail"),
                        "mail",
                        "tickets:boxes",
                        "tickets.view_mailbox",
                        "tickets.views.badges.mail_troubles",
                    ),
                ],
            },
            {
                "title": _("Machines"),
                "separator": False,
                "items": [
                    _item(_("Hosts"), "dns", "hosts:host-list", "hosts.view_host"),
                    _item(_("DHCP"), "lan", "dhcp:overview", "dhcp.view_server", "dhcp.views.badges.full_networks")
                    | {"active": lambda request: request.path.startswith("/panel/dhcp/")},
                    _item(_("Managed files"), "description", "hosts:managed-file-list", "hosts.view_managedfile"),
                ],
            },
            {
                "title": _("Work"),
                "items": [
                    _item(
                        _("Changes"),
                        "difference",
                        "hosts:change-list",
                        "hosts.view_change",
                        "hosts.views.badges.changes_waiting",
                    ),
                    _item(_("Rollouts"), "grid_view", "hosts:rollout-list", "hosts.view_change"),
                    _item(
                        _("Drift"),
                        "compare_arrows",
                        "hosts:drift-list",
                        "hosts.view_hostfile",
                        "hosts.views.badges.drifted",
                    ),
                    _item(
                        _("Audit log"),
                        "history",
                        "admin:hosts_auditentry_changelist",
                        "hosts.view_auditentry",
                    ),
                ],
            },
            {
                "title": _("Settings"),
                "collapsible": True,
                "items": [
                    _item(_("Credentials"), "key", "admin:hosts_credential_changelist", "hosts.view_credential"),
                    _item(
                        _("Organizations"),
                        "apartment",
                        "admin:hosts_organization_changelist",
                        "hosts.view_organization",
                    ),
                    _item(_("People"), "group", "admin:hosts_user_changelist", "hosts.view_user"),
                    _item(_("Roles"), "shield_person", "admin:auth_group_changelist", "auth.view_group"),
                    _item(_("API tokens"), "api", "admin:hosts_apitoken_changelist", "hosts.view_apitoken"),
                    _item(_("API"), "code", "api-docs", "hosts.view_host"),
                ],
            },
            {
                "title": _("Help desk settings"),
                "collapsible": True,
                "items": [
                    _desk(_("The desk"), "support_agent", "desksettings"),
                    _desk(_("Mailboxes"), "mail", "mailbox"),
                    _desk(_("Agents"), "badge", "agent"),
                    _desk(_("Teams"), "groups", "team"),
                    _desk(_("Departments"), "account_tree", "department"),
                    _desk(_("Desk roles"), "verified_user", "role"),
                    _desk(_("Help topics"), "topic", "helptopic"),
                    _desk(_("Statuses"), "flag", "status"),
                    _desk(_("Priorities"), "priority_high", "priority"),
                    _desk(_("SLAs"), "timer", "sla"),
                    _desk(_("Working hours"), "schedule", "schedule"),
                    _desk(_("Ticket numbers"), "tag", "sequence"),
                    _desk(_("Words of mails"), "edit_note", "templateset"),
                    _desk(_("Canned responses"), "quickreply", "cannedresponse"),
                    _desk(_("Banned addresses"), "block", "ban"),
                    _desk(_("Webhooks"), "webhook", "webhook"),
                    _item(_("Webhook log"), "receipt_long", "tickets:hooks", "tickets.view_webhookdelivery"),
                ],
            },
        ],
    },
}
