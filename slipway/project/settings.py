"""Django's settings, read from the surroundings."""

from pathlib import Path

from slipway.project.environment import CannotStart, Surroundings, django_database
from slipway.project.installation.own_files import check_database, keys_in, new_secret, secret_from

try:
    SURROUNDINGS = Surroundings.read()
    SURROUNDINGS.prepare()
    DATA = SURROUNDINGS.data
    SECRET_KEY = secret_from(DATA / "secret-key", new_secret)
    # Newest first: the first encrypts, all decrypt. Outside the database: a dump holds no secret.
    # Made by installation.key_file, which first looks whether the database was written with others.
    SLIPWAY_KEYS = keys_in(DATA / "keys")
    if not SURROUNDINGS.database_url:
        check_database(DATA / "slipway.sqlite3")
except CannotStart as refusal:  # whatever it is that reads settings: a sentence is enough
    raise SystemExit(str(refusal)) from None

SLIPWAY_PACKAGES = DATA / "packages"
SLIPWAY_PACKAGE_LIMIT = SURROUNDINGS.package_limit  # bytes
SLIPWAY_UNPACKED_LIMIT = SURROUNDINGS.unpacked_limit  # bytes
SLIPWAY_PACKAGE_FILES = SURROUNDINGS.package_files  # most members of one
SLIPWAY_OUTPUT_LIMIT = SURROUNDINGS.output_limit  # most bytes of a step's output that are heard
SLIPWAY_SCRATCH = DATA / "scratch"  # where downloads wait that are looked into
SLIPWAY_BUILDS = SURROUNDINGS.builds  # folders of builds by command
SLIPWAY_BUILD_USERS = SURROUNDINGS.build_users  # numbers of users for them, "60706-61183"
SLIPWAY_BUILD_FOLDERS = SURROUNDINGS.build_folders  # what they see besides the system's folders
SLIPWAY_UNISOLATED_BUILDS = SURROUNDINGS.unisolated_builds  # services, where nothing isolates
SLIPWAY_CERTIFICATE_FILES = SURROUNDINGS.certificate_files
SLIPWAY_ADMIN = SURROUNDINGS.admin_pages  # Django's own pages of rows
SLIPWAY_ENGINE_URL = SURROUNDINGS.engine_url

DEBUG = SURROUNDINGS.debug
ALLOWED_HOSTS = list(SURROUNDINGS.allowed_hosts)
DATABASES = {"default": django_database(SURROUNDINGS)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
ROOT_URLCONF = "slipway.project.urls"
ASGI_APPLICATION = "slipway.project.asgi.application"
USE_TZ = True
TIME_ZONE = "UTC"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "slipway.records.accounts",
    "slipway.records.audit",
    "slipway.records.catalog",
    "slipway.records.fleet",
    "slipway.records.rollouts",
    "slipway.records.releasing",
    "slipway.interfaces.web",
    "slipway.project",
]
MIDDLEWARE = [
    "slipway.interfaces.entrance.doorway.doorway",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "slipway.interfaces.web.frame.zones.zone_middleware",
    "django.middleware.common.CommonMiddleware",
    "slipway.interfaces.web.frame.beside.beside_middleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "slipway.interfaces.entrance.admission.AdmissionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ]
        },
    }
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
USE_I18N = True
LOCALE_PATHS = [Path(__file__).parent.parent / "interfaces" / "web" / "locale"]
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"

PASSWORD_HASHERS = [
    "slipway.records.accounts.hashing.Argon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = SURROUNDINGS.secure_cookies
CSRF_COOKIE_SECURE = SURROUNDINGS.secure_cookies
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if SURROUNDINGS.secure_cookies else 0
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes; packages are streamed and have their own limit

# A worker that has not beaten for this long is dead, and another takes over (seconds).
SLIPWAY_WORKER_BEAT = float(SURROUNDINGS.worker_beat)
SLIPWAY_WORKER_DEAD_AFTER = float(SURROUNDINGS.worker_dead_after)
