"""From a line to an encrypted connection with a host whose key is known; nobody is logged in yet."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterable
from contextlib import suppress

import paramiko
from paramiko.ssh_exception import IncompatiblePeer

from hosts.errors import HostKeyChanged, HostUnreachable
from hosts.facts.machine import HostFacts, PinnedKey
from hosts.outside.ssh import words as say
from hosts.outside.ssh.limits import Limits

Line = socket.socket | paramiko.Channel

# What each key type is called when it is asked for. An RSA key signs with SHA-2 only; DSA is gone.
ALGORITHMS = {
    "ssh-ed25519": ("ssh-ed25519",),
    "ecdsa-sha2-nistp256": ("ecdsa-sha2-nistp256",),
    "ecdsa-sha2-nistp384": ("ecdsa-sha2-nistp384",),
    "ecdsa-sha2-nistp521": ("ecdsa-sha2-nistp521",),
    "ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256"),
}
FAMILIES = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    ("ssh-rsa",),
)
CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr")
DIGESTS = (
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
)
KEEPALIVE_SECONDS = 15

# paramiko logs each failure with a traceback; here every failure becomes one sentence for a person.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


class Transport(paramiko.Transport):
    """paramiko's, but an idle connection wakes its thread once a second instead of ten times."""

    _active_check_timeout = 1.0


class NoSuchKey(HostUnreachable):
    """The server has no host key of the types that were asked for."""


def trusted(host: HostFacts, line: Line, limits: Limits) -> Transport:
    """An encrypted connection over `line` to the machine whose key was accepted; closes `line` on any error.

    Only key types that were accepted are asked for, so a host with several keys shows the accepted one.
    Raises HostKeyChanged (with what was shown), NoSuchKey, HostUnreachable.
    """
    transport = encrypted(line, [key.key_type for key in host.keys], host.address, host.port, limits)
    shown = shown_key(transport)
    if shown not in host.keys:
        transport.close()
        raise changed(host, shown)
    transport.set_keepalive(KEEPALIVE_SECONDS)
    return transport


def changed(host: HostFacts, shown: PinnedKey) -> HostKeyChanged:
    """The error that says which key `host` shows instead of an accepted one."""
    return HostKeyChanged(say.key_changed(host, shown), key_type=shown.key_type, public=shown.public)


def shown_key(transport: Transport) -> PinnedKey:
    """The host key that the server proved to have."""
    key = transport.get_remote_server_key()
    return PinnedKey(key.get_name(), key.get_base64())


def encrypted(line: Line, key_types: Iterable[str], address: str, port: int, limits: Limits) -> Transport:
    """An encrypted connection with whoever is at the other end; closes `line` on any error."""
    transport = Transport(line)
    began_at = time.monotonic()
    wanted = [name for key_type in key_types for name in ALGORITHMS.get(key_type, ())]
    try:
        options = transport.get_security_options()
        options.key_types = wanted
        options.ciphers = CIPHERS  # GCM first: one call per packet, where CTR takes a cipher and an HMAC
        options.digests = DIGESTS
        transport.banner_timeout = transport.handshake_timeout = limits.banner_seconds
        transport.auth_timeout = limits.login_seconds
        transport.start_client(timeout=2 * limits.banner_seconds)
        if not transport.is_active() or not _has_key(transport):
            raise HostUnreachable(say.silent(address, port, limits.banner_seconds))
    except IncompatiblePeer as error:
        close(transport)
        if "host key" in str(error):
            raise NoSuchKey(say.no_agreement(address, str(error))) from error
        raise HostUnreachable(say.no_agreement(address, str(error))) from error
    except (paramiko.SSHException, OSError, EOFError) as error:
        close(transport)
        late = time.monotonic() - began_at >= limits.banner_seconds  # paramiko says EOFError for that as well
        raise _told(TimeoutError() if late else error, address, port, limits) from error
    except HostUnreachable:
        close(transport)
        raise
    return transport


def _has_key(transport: Transport) -> bool:
    """Whether the exchange is over; `start_client` comes back without an error when its time is up."""
    try:
        transport.get_remote_server_key()
    except paramiko.SSHException:
        return False
    return True


def _told(error: Exception, address: str, port: int, limits: Limits) -> HostUnreachable:
    cause = error.__context__ if "banner" in str(error) else error
    if isinstance(cause, TimeoutError):
        return HostUnreachable(say.silent(address, port, limits.banner_seconds))
    if "banner" in str(error):
        return HostUnreachable(say.closed_at_banner(address, port))
    if "protocol version" in str(error) or "Invalid SSH banner" in str(error):
        return HostUnreachable(say.no_ssh(address, port))
    return HostUnreachable(say.handshake_broke(address, str(error) or type(error).__name__))


def close(transport: paramiko.Transport) -> None:
    """Close it so that the other end sees it at once, not when the thread that reads wakes next."""
    with suppress(OSError, EOFError, paramiko.SSHException):  # closed already, which is what was wanted
        transport.sock.shutdown(socket.SHUT_RDWR)
    with suppress(OSError, EOFError, paramiko.SSHException):  # a line through a jump host whose own line is gone
        transport.close()
