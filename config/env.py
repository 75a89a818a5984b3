"""Environment variables in, typed values out: the only reader of os.environ in the project.

A value that cannot be used stops the start with one sentence that names the variable. Needs the standard
library only. `NAME_FILE` may be given instead of a secret `NAME`: the value is then the content of that file.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off"})
ENGINES = {"postgres": "postgresql", "postgresql": "postgresql", "sqlite": "sqlite3"}


class BadSetting(Exception):  # noqa: N818  (a message for the person who starts the panel)
    """An environment variable is missing or cannot be used. The text names it and never shows a secret."""


def env_str(name: str, default: str | None = None) -> str:
    """Text. Without a default the variable must be there and must not be empty."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise BadSetting(f"{name} is not set. Set it in the environment or in .env; see .env.example.")
    return default


def env_bool(name: str, *, default: bool) -> bool:
    """yes/no, true/false, on/off, 1/0 in any case; anything else is refused rather than guessed."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value not in YES | NO:
        raise BadSetting(f"{name} is {value!r}, but must be yes or no.")
    return value in YES


def env_int(name: str, default: int, *, low: int | None = None, high: int | None = None) -> int:
    """A whole number from `low` to `high`, both included."""
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise BadSetting(f"{name} is {value!r}, but must be a whole number.") from None
    if (low is not None and number < low) or (high is not None and number > high):
        bounds = [f"at least {low}"] * (low is not None) + [f"at most {high}"] * (high is not None)
        raise BadSetting(f"{name} is {number}, but must be {' and '.join(bounds)}.")
    return number


def env_list(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """Texts separated by commas or line ends; empty ones are dropped."""
    return _parts(os.environ.get(name, "")) or list(default)


def env_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """One word out of `choices`."""
    value = env_str(name, default)
    if value not in choices:
        raise BadSetting(f"{name} is {value!r}, but must be one of: {', '.join(choices)}.")
    return value


def env_path(name: str, default: Path) -> Path:
    """An absolute path; a relative value counts from the working directory."""
    return Path(env_str(name, str(default))).expanduser().absolute()


def env_secret(name: str, default: str | None = None) -> str:
    """Text that must not be shown, from NAME or from the file that NAME_FILE names; not from both."""
    direct, file = os.environ.get(name, "").strip(), os.environ.get(f"{name}_FILE", "").strip()
    if direct and file:
        raise BadSetting(f"Both {name} and {name}_FILE are set. Keep one of them.")
    if not file:
        return env_str(name, default)
    try:
        value = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadSetting(f"{name}_FILE names {file}, which cannot be read: {reason}.") from None
    if not value:
        raise BadSetting(f"{name}_FILE names {file}, which is empty.")
    return value


def env_secrets(name: str, default: str | None = None) -> list[str]:
    """Several secrets, as `env_secret`, separated by commas or line ends."""
    return _parts(env_secret(name, default))


def env_database(name: str, default: str) -> dict[str, Any]:
    """One entry of Django's DATABASES from a URL.

    `sqlite:////absolute/file.db`, `sqlite:///relative.db`, `postgresql://user:password@host:port/name` or, by
    a unix socket, `postgresql://user@/name?host=/socket/directory`. Other query parts become OPTIONS
    (`sslmode=require`). The text of an error leaves the URL out: it may hold a password.
    """
    try:
        url = urlsplit(env_secret(name, default))
        port = url.port
    except ValueError:
        raise BadSetting(f"{name} is not a URL that can be read.") from None
    engine = ENGINES.get(url.scheme)
    if engine is None:
        raise BadSetting(f"{name} must start with postgresql:// or sqlite://.")
    database = unquote(url.path[1:])
    if not database:
        raise BadSetting(f"{name} names no database: the part after the last / is empty.")
    entry: dict[str, Any] = {"ENGINE": f"django.db.backends.{engine}", "NAME": database}
    if engine == "sqlite3":
        return entry if database == ":memory:" else entry | {"NAME": str(Path(database).absolute())}
    options = dict(parse_qsl(url.query))
    return entry | {
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": options.pop("host", "") or unquote(url.hostname or ""),
        "PORT": str(port or ""),
        "OPTIONS": options,
    }


def kept_secret(path: Path, make: Callable[[], str]) -> str:
    """The secret kept in the file `path`. Where there is none yet, a new one from `make`, mode 0600."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _write_once(path, make())
        value = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadSetting(f"The key file {path} can be neither read nor made: {error.strerror}.") from None
    if not value:
        raise BadSetting(f"The key file {path} is empty. Put the old key back from a backup.")
    return value


def new_signing_key() -> str:
    """A new SECRET_KEY for Django: 64 random bytes as URL-safe text."""
    return secrets.token_urlsafe(64)


def new_sealing_key() -> str:
    """A new key for SECRET_KEYS: 32 random bytes in the form that Fernet takes."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def load_env_file(path: Path, environ: dict[str, str] | os._Environ[str] = os.environ) -> None:
    """Add the variables of a `.env` file, where there is one; what the environment already says wins.

    Lines are `NAME=value`, `NAME="value"` or `NAME='value'`; empty lines and lines that begin with # are
    skipped. Nothing is expanded.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError):
        raise BadSetting(f"{path} cannot be read. It must be UTF-8 text that this user may read.") from None
    for name, value in _variables(text, path).items():
        environ.setdefault(name, value)


def _variables(text: str, path: Path) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        name, sign, value = line.partition("=")
        name, value = name.strip(), value.strip()
        if not sign or not name.isidentifier():
            raise BadSetting(f"{path}, line {number}: write NAME=value.")
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        found[name] = value
    return found


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]


def _write_once(path: Path, value: str) -> None:
    """Write a whole file under another name and link it to its own, so that nobody ever reads half a key."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(value + "\n")
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)
    except FileExistsError:
        return  # another process was first; its key is the one to read
    finally:
        draft.unlink()
