"""A data directory of the run's own, named in the environment for this process and for all it starts."""

from __future__ import annotations

import os
import tempfile


def own_data() -> tempfile.TemporaryDirectory[str]:
    """Call it before `django.setup()`: settings are read then."""
    directory = tempfile.TemporaryDirectory(prefix="rackdesk-bench-data-")
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENV_FILE": os.devnull,
        "VAR_DIR": directory.name,
        "LOG_LEVEL": "WARNING",
    }
    os.environ.pop("DATABASE_URL", None)
    os.environ.pop("REDIS_URL", None)
    return directory
