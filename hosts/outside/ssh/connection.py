"""A logged-in connection to one host: facts and an encrypted line go in, sessions come out."""

from __future__ import annotations

from collections.abc import Callable

import paramiko

from hosts.errors import AuthenticationFailed, BadInput, HostUnreachable
from hosts.facts.machine import HostFacts
from hosts.outside.shell import Counts
from hosts.outside.ssh import words as say
from hosts.outside.ssh.handshake import Transport, close
from hosts.outside.ssh.keys import KeyRing
from hosts.outside.ssh.limits import Limits


class Connection:
    """Owns its transport. `on_close` is called once, when it is closed."""

    def __init__(self, host: HostFacts, transport: Transport, counts: Counts, on_close: Callable[[], None]) -> None:
        self.host = host
        self.transport = transport
        self.counts = counts
        self.broken = False
        self._on_close: Callable[[], None] | None = on_close

    @property
    def alive(self) -> bool:
        """Whether it may be used again, as far as is known without asking the host."""
        return not self.broken and self.transport.is_active()

    def session(self, seconds: float) -> paramiko.Channel:
        """A new session for one command; HostUnreachable when the host opens none within `seconds`."""
        try:
            return self.transport.open_session(timeout=seconds)
        except (paramiko.SSHException, EOFError, OSError) as error:
            self.broken = True
            why = str(error) or type(error).__name__
            raise HostUnreachable(say.channel_refused(self.host, why)) from error

    def close(self) -> None:
        """Give up the line. May be called twice."""
        close(self.transport)
        on_close, self._on_close = self._on_close, None
        if on_close is not None:
            on_close()


def log_in(host: HostFacts, transport: Transport, keys: KeyRing, counts: Counts, limits: Limits) -> None:
    """Prove who the panel is, by the one means that `host.login` has.

    Raises AuthenticationFailed, and HostUnreachable when the host hangs or hangs up meanwhile.
    """
    login = host.login
    try:
        if login.private_key:
            key = keys.key(login)
            counts.auths += 1
            wanted = transport.auth_publickey(login.username, key)
        elif login.password:
            counts.auths += 1
            wanted = transport.auth_password(login.username, login.password)
        else:
            raise AuthenticationFailed(say.no_credential(host))
    except BadInput as error:
        raise AuthenticationFailed(say.credential_unusable(host, error)) from error
    except paramiko.BadAuthenticationType as error:
        raise AuthenticationFailed(say.method_refused(host, error.allowed_types)) from error
    except paramiko.AuthenticationException as error:
        raise _told(host, transport, error, limits) from error
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise HostUnreachable(say.login_broke(host)) from error
    if wanted:
        raise AuthenticationFailed(say.second_factor(host, wanted))


def _told(
    host: HostFacts, transport: Transport, error: paramiko.AuthenticationException, limits: Limits
) -> HostUnreachable:
    if "timeout" in str(error).lower():
        return HostUnreachable(say.login_hangs(host, limits.login_seconds))
    if not transport.is_active():
        return HostUnreachable(say.login_broke(host))
    if host.login.private_key:
        return AuthenticationFailed(say.key_refused(host))
    return AuthenticationFailed(say.password_refused(host))
