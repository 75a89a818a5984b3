"""A server that takes mail, and how it is reached."""

from __future__ import annotations

from dataclasses import dataclass, field

from tickets.choices import MailLogin, Security
from tickets.facts.mailbox import Grant


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """How mail is sent. `ca_certificate` is PEM and stands instead of the public ones; "" trusts those.

    `password` is the access token where `login` is OAuth2; `grant` is where such a token comes from. `hello` is the
    name that we give ourselves in EHLO.
    """

    host: str
    port: int
    security: Security = Security.TLS
    login: MailLogin = MailLogin.PASSWORD
    username: str = ""
    password: str = field(default="", repr=False)
    grant: Grant | None = None
    ca_certificate: str = field(default="", repr=False)
    hello: str = "localhost"
