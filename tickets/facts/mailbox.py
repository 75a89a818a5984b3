"""A mailbox on its server: how it is reached, and what is found there."""

from __future__ import annotations

from dataclasses import dataclass, field

from hosts.facts.words import Words
from tickets.choices import AfterFetch, MailLogin, MailProtocol, Security


@dataclass(frozen=True, slots=True)
class Grant:
    """What an OAuth2 server gives access tokens for (RFC 6749 section 6). `scope` "" leaves it as granted."""

    token_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    scope: str = ""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token for a login. `refresh_token` is "" unless the server replaced the old one."""

    token: str = field(repr=False)
    seconds: int = 0
    refresh_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class MailServer:
    """How mail is fetched. `ca_certificate` is PEM and stands instead of the public ones; "" trusts those.

    `password` is the access token where `login` is OAuth2. `grant` is where such a token comes from.
    """

    host: str
    port: int
    protocol: MailProtocol = MailProtocol.IMAP
    security: Security = Security.TLS
    login: MailLogin = MailLogin.PASSWORD
    username: str = ""
    password: str = field(default="", repr=False)
    grant: Grant | None = None
    ca_certificate: str = field(default="", repr=False)
    folder: str = "INBOX"
    after_fetch: AfterFetch = AfterFetch.MARK
    move_to: str = ""


@dataclass(frozen=True, slots=True)
class RemoteMail:
    """A mail as its server names it: `remote_id` is "UIDVALIDITY:UID" or the UIDL, `number` the UID or its place."""

    remote_id: str
    number: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a connection test, with what was found or went wrong."""

    name: Words
    ok: bool
    why: Words
