"""A real Dovecot on loopback in a private folder: mail goes in by files, IMAP and POP3 with and without TLS come out.

Its certificate is of an authority made for it alone. It needs Debian's dovecot-imapd and dovecot-pop3d; as another
user than root it serves that user only. `missing()` says what is not there.
"""

from __future__ import annotations

import datetime
import grp
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tickets.choices import AfterFetch, MailProtocol, Security
from tickets.facts.mailbox import MailServer

PASSWORD = "correct horse"
START_SECONDS = 60
_numbers = itertools.count(1)


def missing() -> str:
    """What a real Dovecot needs and this machine does not have, as a sentence; empty where all is there."""
    wanted = (("/usr/sbin/dovecot", "dovecot-core"), ("/usr/lib/dovecot/imap", "dovecot-imapd"))
    for program, package in (*wanted, ("/usr/lib/dovecot/pop3", "dovecot-pop3d")):
        if not Path(program).exists():
            return f"{program} is missing (Debian package {package})"
    return ""


@dataclass
class Dovecot:
    """A running server."""

    folder: Path
    ports: dict[str, int]
    ca: str = field(repr=False)
    user: str

    def server(self, account: str = "ticket", **fields: object) -> MailServer:
        """Facts to reach it over IMAPS; `protocol`, `security` and others may be named."""
        given = {"protocol": MailProtocol.IMAP, "security": Security.TLS, "after_fetch": AfterFetch.DELETE, **fields}
        name = "imap" if given["protocol"] == MailProtocol.IMAP else "pop3"
        port = self.ports[f"{name}s" if given["security"] == Security.TLS else name]
        base = {"host": "localhost", "port": port, "username": account, "password": PASSWORD, "ca_certificate": self.ca}
        return MailServer(**{**base, **given})

    def maildir(self, account: str, folder: str = "INBOX") -> Path:
        """Where the mails of a folder lie."""
        home = self.folder / "mail" / account
        return home if folder == "INBOX" else home / f".{folder}"

    def deliver(self, raw: bytes, account: str = "ticket") -> None:
        """Put a mail into INBOX as a delivery agent does: written aside, then renamed."""
        place = self.maildir(account)
        for each in (self.folder / "mail", place, *(place / name for name in ("tmp", "new", "cur"))):
            if not each.exists():
                each.mkdir(mode=0o700)
                self.own(each)
        name = f"{time.time_ns() // 1_000_000_000}.M{time.time_ns() % 1_000_000_000}P{os.getpid()}Q{next(_numbers):08d}.test"
        path = place / "tmp" / name
        path.write_bytes(raw)
        self.own(path)
        path.rename(place / "new" / name)

    def count(self, account: str = "ticket", folder: str = "INBOX") -> int:
        """How many mails lie in a folder."""
        place = self.maildir(account, folder)
        return sum(1 for name in ("new", "cur") if (place / name).is_dir() for _ in (place / name).iterdir())

    def mails(self, account: str = "ticket", folder: str = "INBOX") -> list[bytes]:
        """The bytes of the mails in a folder."""
        place = self.maildir(account, folder)
        return [
            path.read_bytes() for name in ("new", "cur") if (place / name).is_dir() for path in (place / name).iterdir()
        ]

    def seen(self, account: str = "ticket") -> int:
        """How many mails of INBOX are marked as read."""
        return sum(1 for path in (self.maildir(account) / "cur").iterdir() if "S" in path.name.partition(":2,")[2])

    def empty(self, account: str = "ticket") -> None:
        """Take the account away with everything in it."""
        shutil.rmtree(self.maildir(account), ignore_errors=True)

    def own(self, path: Path) -> None:
        """Give a path to whom the server runs as."""
        if os.geteuid() == 0:
            entry = pwd.getpwnam(self.user)
            os.chown(path, entry.pw_uid, entry.pw_gid)


@contextmanager
def running() -> Iterator[Dovecot]:
    """Start one and stop it at the end. Its folder is one that whom it runs as may enter, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="rackdesk-dovecot-") as place:
        Path(place).chmod(0o711)
        with running_in(Path(place)) as server:
            yield server


@contextmanager
def running_in(
    folder: Path, *, ports: Mapping[str, int] | None = None, accounts: Mapping[str, str] | None = None
) -> Iterator[Dovecot]:
    """Start one in a folder that whom it runs as may enter; it ends also where this process is killed.

    `ports` are those of imap, imaps, pop3 and pop3s (free ones where none are given), `accounts` {user: password}.
    """
    user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    chosen = dict(ports or zip(("imap", "imaps", "pop3", "pop3s"), _free_ports(4), strict=True))
    server = Dovecot(folder, chosen, certificates(folder), user)
    (folder / "mail").mkdir(exist_ok=True)
    server.own(folder / "mail")
    known = accounts or dict.fromkeys(("ticket", "second", "customer"), PASSWORD)
    passwords = folder / "passwd"
    passwords.touch(mode=0o640)
    passwords.write_text("".join(f"{name}:{{PLAIN}}{password}\n" for name, password in known.items()))
    if os.geteuid() == 0:  # Dovecot's own user reads it, and nobody else does
        os.chown(passwords, -1, grp.getgrnam("dovecot").gr_gid)
    config = folder / "dovecot.conf"
    config.write_text(_config(server))
    argv = ("setpriv", "--pdeathsig=TERM", "/usr/sbin/dovecot", "-F", "-c", str(config))
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
    try:
        _wait_for(process, chosen.values(), folder / "output")
        yield server
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(60)
        with suppress(ProcessLookupError):  # sessions that are still served end with their server
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


def _wait_for(process: subprocess.Popen[bytes], ports: object, output: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    for port in ports:
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"dovecot did not start: {output.read_text()}")
            time.sleep(0.02)


def _config(server: Dovecot) -> str:
    group = pwd.getpwnam(server.user).pw_gid
    user_ids = f"uid={pwd.getpwnam(server.user).pw_uid} gid={group}"
    as_user = (
        "" if os.geteuid() == 0 else f"default_internal_user = {server.user}\ndefault_login_user = {server.user}\n"
    )
    group_line = "" if os.geteuid() == 0 else f"default_internal_group = {_group_name(group)}\n"
    chroot = "chroot =" if os.geteuid() else ""
    logins = "".join(
        f"service {name}-login {{\n  {chroot}\n  inet_listener {name} {{\n    port = {server.ports[name]}\n  }}\n"
        f"  inet_listener {name}s {{\n    port = {server.ports[name + 's']}\n    ssl = yes\n  }}\n}}\n"
        for name in ("imap", "pop3")
    )
    return f"""
protocols = imap pop3
listen = 127.0.0.1
base_dir = {server.folder}/run
state_dir = {server.folder}/run
log_path = {server.folder}/log
{as_user}{group_line}
first_valid_uid = 1
mail_location = maildir:{server.folder}/mail/%n
mail_fsync = never
pop3_uidl_format = %g
pop3_lock_session = no
auth_failure_delay = 0
auth_mechanisms = plain
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{server.folder}/server.pem
ssl_key = <{server.folder}/server.key
default_process_limit = 200
mail_max_userip_connections = 100
namespace inbox {{
  inbox = yes
  separator = .
}}
passdb {{
  driver = passwd-file
  args = {server.folder}/passwd
}}
userdb {{
  driver = static
  args = {user_ids} home={server.folder}/mail/%n
}}
service anvil {{
  {chroot}
}}
service stats {{
  {chroot}
}}
{logins}
"""


def _group_name(number: int) -> str:
    return subprocess.run(("getent", "group", str(number)), capture_output=True, text=True, check=True).stdout.split(
        ":"
    )[0]


def certificates(folder: Path) -> str:
    """An authority and a certificate for localhost; returns the authority's PEM."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("A test's own authority", ca_key, "A test's own authority", ca_key, is_ca=True)
    own = _certificate("localhost", key, "A test's own authority", ca_key, is_ca=False)
    (folder / "server.pem").write_bytes(own.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.key").touch(mode=0o600)
    (folder / "server.key").write_bytes(private)
    return authority.public_bytes(Encoding.PEM).decode()


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: str, signer: ec.EllipticCurvePrivateKey, *, is_ca: bool
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    hour, year = datetime.timedelta(hours=1), datetime.timedelta(days=365)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - hour)
        .not_valid_after(now + year)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if not is_ca:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    return builder.sign(signer, hashes.SHA256())
