"""Django's settings, made from the workspace and the environment.

Importing this never fails, so that the checks can say all that is wrong at once: without a
workspace the database is in memory and the key is thrown away.
"""

import os
import secrets
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from percorso.app.config import environment, secret
from percorso.workspace import Workspace, WorkspaceError, default_path

ENVIRONMENT = environment.read(os.environ)


def _workspace() -> tuple[Workspace | None, str]:
    try:
        return Workspace.open(default_path()), ""
    except WorkspaceError as error:
        return None, str(error)


#: The workspace, or None with the reason in WORKSPACE_PROBLEM.
WORKSPACE, WORKSPACE_PROBLEM = _workspace()

SECRET_KEY = secret.key(WORKSPACE) if WORKSPACE else secrets.token_urlsafe(50)
DEBUG = False

ALLOWED_HOSTS = list(ENVIRONMENT.hosts)
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.url] if ENVIRONMENT.url else []

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "template_partials",
    "percorso.app.ui",
    "percorso.app.audit",
    "percorso.app.accounts",
    "percorso.app.api",
    "percorso.app.intake",
    "percorso.app.sources",
    "percorso.app.connectors",
    "percorso.app.webhooks",
    "percorso.app.filters",
    "percorso.app.privacy",
    "percorso.app.outbox",
    "percorso.app.customers",
    "percorso.app.touchpoints",
    "percorso.app.problems",
    "percorso.app.journeys",
    "percorso.app.voice",
    "percorso.app.surveys",
    "percorso.app.maps",
    "percorso.app.control_room",
    "percorso.app.config",
    # After ours, so that our templates are found first.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "percorso.app.config.middleware.ContentSecurityPolicy",
    "percorso.app.config.middleware.PrivacyHeaders",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "percorso.app.api.problems.Problems",
    "django.middleware.common.CommonMiddleware",
    # Customers who answer go no further in.
    "percorso.app.surveys.answering.middleware.Answering",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "percorso.app.accounts.middleware.Preferences",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "percorso.app.accounts.middleware.AccessRequired",
    "percorso.app.accounts.middleware.SecondFactorRequired",
    "percorso.app.accounts.middleware.SessionsSeen",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "percorso.app.config.middleware.RulesReadable",
]

ROOT_URLCONF = "percorso.app.config.urls"
WSGI_APPLICATION = "percorso.app.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "percorso.app.ui.context.page",
            ],
        },
    }
]

_SQLITE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": WORKSPACE.app_database if WORKSPACE else ":memory:",
    # Opening one takes longer than most of what it is asked.
    "CONN_MAX_AGE": 60,
    "OPTIONS": {
        # Writers queue from their first statement, in place of failing at their second.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: what the page has confirmed survives a power cut.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;"
            "PRAGMA mmap_size=67108864; PRAGMA journal_size_limit=16777216;"
            # What is deleted or changed is overwritten: some builds of SQLite leave it in the file.
            "PRAGMA secure_delete=ON;"
        ),
    },
}
DATABASES = {"default": ENVIRONMENT.database or _SQLITE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Attempts to sign in are counted here, over processes and restarts.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "percorso_cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {
        "NAME": "percorso.app.accounts.passwords.LongEnough",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "percorso.app.accounts.passwords.VariedEnough"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60

ACCOUNT_ADAPTER = "percorso.app.accounts.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""  # else the host of the request, which a visitor writes
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # here; every other session of the person ends
# Confirming who one is, before what guards the company is changed, holds so long; the page says it.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if ENVIRONMENT.https else "http"
ACCOUNT_FORMS = {
    "login": "percorso.app.accounts.forms.SignIn",
    "change_password": "percorso.app.accounts.forms.ChangePassword",
    "reset_password": "percorso.app.accounts.forms.AskForReset",
    "reset_password_from_key": "percorso.app.accounts.forms.NewPassword",
    "reauthenticate": "percorso.app.accounts.forms.ConfirmByPassword",
}
# The second factor. allauth lets nobody try more than 5 wrong codes in 5 minutes for a person, 10 a
# minute from an address, and 10 passkeys a minute from an address.
MFA_ADAPTER = "percorso.app.accounts.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # a clock that is half a minute off
# Addresses are not verified here: people come by invitation.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "percorso.app.accounts.forms.SecondCode",
    "reauthenticate": "percorso.app.accounts.forms.ConfirmByCode",
    "activate_totp": "percorso.app.accounts.forms.ActivateApp",
    "add_webauthn": "percorso.app.accounts.forms.AddPasskey",
    "edit_webauthn": "percorso.app.accounts.forms.NamePasskey",
}
ALLAUTH_TRUSTED_PROXY_COUNT = ENVIRONMENT.trusted_proxies

# E-mail
EMAIL_CONFIGURED = ENVIRONMENT.email is not None
_EMAIL = ENVIRONMENT.email or {}
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_CONFIGURED
    else "django.core.mail.backends.dummy.EmailBackend"
)
EMAIL_HOST = _EMAIL.get("host", "localhost")
EMAIL_PORT = _EMAIL.get("port", 25)
EMAIL_HOST_USER = _EMAIL.get("user", "")
EMAIL_HOST_PASSWORD = _EMAIL.get("password", "")
EMAIL_USE_SSL = _EMAIL.get("ssl", False)
EMAIL_USE_TLS = _EMAIL.get("starttls", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = ENVIRONMENT.email_from

# Asking other servers
NETWORK_GUARD = ENVIRONMENT.private_addresses
#: Folders that may be watched: those named, and one of the workspace's own.
WATCHED_FOLDERS = (
    *ENVIRONMENT.watched_folders,
    *((WORKSPACE.path / "watched",) if WORKSPACE else ()),
)

# Languages: the person's choice, then the browser's, then the company's.
LANGUAGE_CODE = WORKSPACE.settings.language if WORKSPACE else "en"
LANGUAGES = [("it", _("Italian")), ("en", _("English"))]
LOCALE_PATHS = [Path(__file__).resolve().parents[2] / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = WORKSPACE.settings.zone if WORKSPACE else "Europe/Rome"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60

# Files
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "percorso.app.ui.static_files.VersionedFiles"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
# Every address of a static file carries the version of its content, so it can be kept for good.
WHITENOISE_IMMUTABLE_FILE_TEST = r"."
WHITENOISE_ALLOW_ALL_ORIGINS = False
UPLOAD_LIMIT = ENVIRONMENT.upload_limit_mb * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["percorso.app.intake.uploading.LimitedUpload"]
if WORKSPACE:
    WORKSPACE.temporary.mkdir(exist_ok=True)
    FILE_UPLOAD_TEMP_DIR = WORKSPACE.temporary
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 200

# Nothing from other hosts, nothing inline.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_NAME = "percorso_session"
SESSION_COOKIE_AGE = 14 * 24 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "percorso_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "percorso.app.ui.errors.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = ENVIRONMENT.https
SECURE_SSL_REDIRECT = False  # the proxy that holds the certificate redirects
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if ENVIRONMENT.https else 0
if ENVIRONMENT.trusted_proxies:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "refusals": {"()": "percorso.app.config.logs.WithoutTracesOfRefusals"},
        "secrets": {"()": "percorso.app.config.logs.WithoutSecrets"},
    },
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s", "style": "%"}
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["refusals", "secrets"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "percorso": {"level": ENVIRONMENT.log_level},
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        # A wrong host or a stale form is the visitor's slip, and scanners make thousands.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django_tasks": {"level": "WARNING"},
        "django_tasks_db": {"level": "ERROR"},
    },
}
