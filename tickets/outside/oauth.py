"""A refresh token in, an access token for a mail login out (RFC 6749 section 6)."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from hosts.facts.words import gettext_noop, plain, words
from tickets.errors import MailLoginRefused, MailServerUnreachable
from tickets.facts.mailbox import AccessToken, Grant
from tickets.outside.secure import CONNECT_SECONDS, trust

_MOST_BYTES = 1 << 20


def access_token(grant: Grant, *, ca_certificate: str = "") -> AccessToken:
    """Ask the token endpoint. MailLoginRefused where the grant is no longer good: a person must allow it again."""
    asked = {"grant_type": "refresh_token", "client_id": grant.client_id, "refresh_token": grant.refresh_token}
    if grant.client_secret:
        asked["client_secret"] = grant.client_secret
    if grant.scope:
        asked["scope"] = grant.scope
    answer = _answer(_request(grant, asked), ca_certificate)
    token = answer.get("access_token")
    if not isinstance(token, str) or not token:
        raise MailServerUnreachable(words(gettext_noop("The token server answered without an access token.")))
    seconds, renewed = answer.get("expires_in"), answer.get("refresh_token")
    return AccessToken(
        token,
        seconds=int(seconds) if isinstance(seconds, int | float) else 0,
        refresh_token=renewed if isinstance(renewed, str) and renewed != grant.refresh_token else "",
    )


def _request(grant: Grant, asked: dict[str, str]) -> urllib.request.Request:
    if not grant.token_url.startswith("https://"):
        raise MailServerUnreachable(
            words(gettext_noop("The address of the token server must begin with https://. Nothing was sent."))
        )
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return urllib.request.Request(  # noqa: S310  (https only, see above)
        grant.token_url, data=urllib.parse.urlencode(asked).encode(), headers=headers, method="POST"
    )


def _answer(request: urllib.request.Request, ca_certificate: str) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(  # noqa: S310  (https only, see _request)
            request, timeout=CONNECT_SECONDS, context=trust(ca_certificate, with_public=True)
        ) as response:
            found = json.loads(response.read(_MOST_BYTES))
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(error) from error
    except (urllib.error.URLError, OSError) as error:
        why = plain(str(getattr(error, "reason", error)))
        raise MailServerUnreachable(
            words(gettext_noop("The token server cannot be reached: %(why)s."), why=why)
        ) from error
    except ValueError as error:
        raise MailServerUnreachable(words(gettext_noop("The token server answered no JSON."))) from error
    return found if isinstance(found, dict) else {}


def _refusal(error: urllib.error.HTTPError) -> MailServerUnreachable:
    """4xx: the grant is not good. Others are the server's own trouble. What it says may be shown (RFC 6749 5.2)."""
    try:
        said = json.loads(error.read(_MOST_BYTES))
    except (ValueError, OSError):
        said = {}
    name = str(said.get("error", "")) if isinstance(said, dict) else ""
    why = plain(name or f"HTTP {error.code}")
    if 400 <= error.code < 500 and error.code != 429:
        return MailLoginRefused(
            words(gettext_noop("The token server refuses: %(why)s. Allow the access to this mailbox again."), why=why)
        )
    return MailServerUnreachable(words(gettext_noop("The token server has trouble: %(why)s."), why=why))
