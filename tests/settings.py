"""config.settings with the world taken away: no .env, no Redis, no real keys, a database of this process only."""

from __future__ import annotations

import base64
import os
import tempfile
from pathlib import Path

os.environ["ENV_FILE"] = os.devnull
os.environ["SECRET_KEY"] = "only for tests"
os.environ["SECRET_KEYS"] = base64.urlsafe_b64encode(bytes(32)).decode()
os.environ["REDIS_URL"] = "memory://"
os.environ["ALLOWED_HOSTS"] = "localhost,127.0.0.1,testserver"
os.environ["LOG_LEVEL"] = "WARNING"

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {  # pages must not need a collectstatic that was run before
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("whitenoise.")]  # noqa: F405  (for the same reason)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file as in real life: threads of a test share it and wait for each other, which memory does not do.
    DATABASES["default"]["TEST"] = {  # noqa: F405
        "NAME": str(Path(tempfile.gettempdir()) / f"rackdesk-test-{os.getpid()}.sqlite3")
    }
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"  # noqa: F405
    # Rows that no query orders come newest first, which PostgreSQL may do as well: nobody gets used to an order.
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA reverse_unordered_selects=ON;"  # noqa: F405
