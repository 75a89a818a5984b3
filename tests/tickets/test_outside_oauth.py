"""A refresh token to an access token, against a real HTTPS server that answers as it is told."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.tickets.dovecot import certificates
from tickets.errors import MailLoginRefused, MailServerUnreachable
from tickets.facts.mailbox import AccessToken, Grant
from tickets.outside.oauth import access_token


@dataclass
class TokenServer:
    port: int
    ca: str
    code: int = 200
    answer: str = '{"access_token": "t1", "expires_in": 3599}'
    asked: list[dict[str, list[str]]] = field(default_factory=list)

    @property
    def grant(self) -> Grant:
        return Grant(f"https://localhost:{self.port}/token", "panel", "client secret", "r1", "mail")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TokenServer]:
    ca = certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.asked.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(made.code)
            self.end_headers()
            self.wfile.write(made.answer.encode())

        def log_message(self, *args: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.socket = context.wrap_socket(http.socket, server_side=True)
        made = TokenServer(http.server_address[1], ca)
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        http.shutdown()
        thread.join()


def test_a_refresh_token_is_exchanged_as_the_standard_says(server: TokenServer) -> None:
    assert access_token(server.grant, ca_certificate=server.ca) == AccessToken("t1", 3599)
    wanted = {"grant_type": "refresh_token", "client_id": "panel", "client_secret": "client secret"}
    assert server.asked == [{key: [value] for key, value in {**wanted, "refresh_token": "r1", "scope": "mail"}.items()}]


def test_a_refresh_token_that_is_replaced_is_given_back(server: TokenServer) -> None:
    server.answer = json.dumps({"access_token": "t1", "refresh_token": "r2"})
    assert access_token(server.grant, ca_certificate=server.ca).refresh_token == "r2"
    server.answer = json.dumps({"access_token": "t1", "refresh_token": "r1"})
    assert access_token(server.grant, ca_certificate=server.ca).refresh_token == ""


@pytest.mark.parametrize(
    ("code", "answer", "error", "words"),
    [
        (400, '{"error": "invalid_grant"}', MailLoginRefused, "invalid_grant.*Allow the access"),
        (401, "no JSON", MailLoginRefused, "HTTP 401"),
        (429, "{}", MailServerUnreachable, "HTTP 429"),
        (503, "{}", MailServerUnreachable, "trouble"),
        (200, "<html>", MailServerUnreachable, "no JSON"),
        (200, "{}", MailServerUnreachable, "without an access token"),
        (200, "[]", MailServerUnreachable, "without an access token"),
    ],
    ids=["withdrawn", "refused", "too often", "down", "a web page", "no token", "a list"],
)
def test_what_goes_wrong_is_told(server: TokenServer, code: int, answer: str, error: type, words: str) -> None:
    server.code, server.answer = code, answer
    with pytest.raises(error, match=words) as told:
        access_token(server.grant, ca_certificate=server.ca)
    assert type(told.value) is error
    assert "r1" not in str(told.value)


def test_an_unknown_authority_gets_no_token(server: TokenServer) -> None:
    with pytest.raises(MailServerUnreachable, match="cannot be reached"):
        access_token(server.grant)
    assert server.asked == []


def test_nothing_is_sent_without_encryption(server: TokenServer) -> None:
    with pytest.raises(MailServerUnreachable, match="https"):
        access_token(replace(server.grant, token_url=f"http://localhost:{server.port}/"))
    assert "client secret" not in repr(server.grant)
