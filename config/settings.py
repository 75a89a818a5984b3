"""Every setting, read from the environment through config.env; .env.example explains each of them."""

from __future__ import annotations

from pathlib import Path

import django_stubs_ext
from django.utils.translation import gettext_lazy as _

from config import nav
from config.env import (
    env_bool,
    env_database,
    env_int,
    env_list,
    env_path,
    env_secret,
    env_secrets,
    env_str,
    kept_secret,
    load_env_file,
    new_sealing_key,
    new_signing_key,
)

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
load_env_file(env_path("ENV_FILE", BASE_DIR / ".env"))
VAR_DIR = env_path("VAR_DIR", BASE_DIR / "var")

SECRET_KEY = env_secret("SECRET_KEY", "") or kept_secret(VAR_DIR / "keys" / "signing", new_signing_key)
SECRET_KEYS = env_secrets("SECRET_KEYS", "") or [kept_secret(VAR_DIR / "keys" / "sealing", new_sealing_key)]
DEBUG = env_bool("DEBUG", default=False)
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", ("127.0.0.1", "localhost", "[::1]"))
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
BEHIND_TLS = env_bool("BEHIND_TLS", default=False)

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "config",
    "hosts",
    "tickets",
    "dhcp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.reader.ReaderMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
CSRF_FAILURE_VIEW = "config.error_pages.stale_form"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {
    "default": env_database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'rackdesk.sqlite3'}") | {"CONN_MAX_AGE": 60}
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["ENGINE"] = "config.sqlite3"
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # a writer waits its turn at BEGIN instead of failing in the middle
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;",
    }
AUTH_USER_MODEL = "hosts.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "hosts:dashboard"
LOGOUT_REDIRECT_URL = "login"

REDIS_URL = env_str("REDIS_URL", f"redis+socket://{VAR_DIR / 'redis.sock'}")
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_TASK_ROUTES = {
    "hosts.compare_change": {"queue": "push"},
    "hosts.apply_change": {"queue": "push"},
    "hosts.apply_changes": {"queue": "push"},
    "hosts.enrol_host": {"queue": "push"},
    "hosts.read_facts": {"queue": "push"},
    "hosts.look_for_drift": {"queue": "push"},
    "dhcp.run_errand": {"queue": "push"},
    "dhcp.read_server": {"queue": "push"},
    "dhcp.read_relay": {"queue": "push"},
    "tickets.fetch_mailbox": {"queue": "mail"},
    "tickets.test_mailbox": {"queue": "mail"},
    "tickets.take_in_waiting": {"queue": "mail"},
    "tickets.send_due_mail": {"queue": "mail"},
    "tickets.send_mail": {"queue": "mail"},
}

PUSH_THREADS = env_int("PUSH_THREADS", 50, low=1, high=500)
FACTS_EVERY_SECONDS = env_int("FACTS_EVERY_SECONDS", 900)
DRIFT_EVERY_SECONDS = env_int("DRIFT_EVERY_SECONDS", 3600)

PANEL_URL = env_str("PANEL_URL", f"http://127.0.0.1:{env_int('PORT', 8000)}")

TODAY_PROVIDERS = ["tickets.views.today.needs", "dhcp.views.today.needs"]
TODAY_PICTURES = ["tickets.views.today.by_day", "dhcp.views.today.fullest"]
PALETTE_PROVIDERS = ["tickets.views.palette.found", "dhcp.views.palette.found"]
REFERENCE_PROVIDERS = ["tickets.views.references.address_of"]
FILTERED_LISTS = {
    "dhcp-leases": "dhcp:leases",
    "dhcp-reservations": "dhcp:reservations",
    "dhcp-exchanges": "dhcp:exchanges",
}
HOST_TAB_PROVIDERS = ["tickets.views.host_tab.TAB", "dhcp.views.host_tab.TAB", "dhcp.views.addresses_tab.TAB"]
MACHINE_PROVIDERS = ["dhcp.views.their_machines.addresses"]
ORGANIZATION_PAGES = ["tickets.views.organizations.page_of_organization"]
PRESET_PROVIDERS = ["dhcp.render.client_presets.HOST_NAME"]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ko", _("Korean"))]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_TZ = True
TIME_ZONE = env_str("TIME_ZONE", "UTC")

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MANIFEST_STRICT = False

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_AGE = 12 * 3600
SESSION_SAVE_EVERY_REQUEST = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_HSTS_SECONDS = 31536000 if BEHIND_TLS else 0
SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "hosts.permissions.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PARSER_CLASSES": [
        "hosts.api.parsing.TextJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["hosts.permissions.ScopedModelPermissions"],
    "DEFAULT_PAGINATION_CLASS": "hosts.serializers.KeyPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "hosts.api.explain",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": env_str("API_RATE", "1200/min")},
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Rackdesk",
    "VERSION": "1",
    "DESCRIPTION": "Everything that a page of the panel can do. Send a token as `Authorization: Bearer …`.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "hosts.api.schema.with_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "HostRoleEnum": "hosts.choices.HostRole",
        "StepNameEnum": "hosts.choices.StepName",
        "ChangeStateEnum": "hosts.choices.ChangeState",
        "HostStateEnum": "hosts.choices.HostState",
        "RolloutStateEnum": "hosts.choices.RolloutState",
        "DriftStateEnum": "hosts.choices.DriftState",
        "ScopeEnum": "hosts.choices.Scope",
        "SourceEnum": "hosts.choices.Source",
        "TicketSourceEnum": "tickets.choices.TicketSource",
        "TicketStateEnum": "tickets.choices.TicketState",
        "OutgoingStateEnum": "tickets.choices.OutgoingState",
        "IncomingStateEnum": "tickets.choices.IncomingState",
        "MailKindEnum": "tickets.choices.MailKind",
        "MailLoginEnum": "tickets.choices.MailLogin",
        "SecurityEnum": "tickets.choices.Security",
        "SignatureKindEnum": "tickets.choices.SignatureKind",
    },
}
UNFOLD = nav.UNFOLD

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env_str("LOG_LEVEL", "INFO")},
    "loggers": {
        "paramiko": {"level": "CRITICAL"},
        "imapclient": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
