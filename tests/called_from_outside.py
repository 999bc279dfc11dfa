"""What is there though no line of the product uses it, and who does instead; see dead_code."""

from typing import NamedTuple

# What these decorate is called by the router, the command line, the admin pages, the templates.
DECORATED = ("@router.*", "@*.command", "@command", "@admin.register", "@register.*")


class Called(NamedTuple):
    """Names, and the files that they are in, both with * for anything; why they stay."""

    where: str
    names: str
    why: str


CALLED = (
    Called("slipway/project/settings.py", "*", "Django reads its settings by their names"),
    Called("slipway/*/urls.py", "urlpatterns regex to_url", "Django's routes and converters"),
    Called("slipway/project/apps.py", "ProjectConfig", "Django's application"),
    Called("slipway/records/*/admin.py", "*", "the admin pages are made of classes of words"),
    Called("slipway/records/rows/read_only_admin.py", "*", "what each of the admin pages is asked"),
    Called("slipway/records/*", "Meta constraints indexes verbose_name", "Django's of a model"),
    Called("slipway/records/rows/plain_rows.py", "abstract from_db adding", "Django's of a model"),
    Called("slipway/records/rows/*", "value_to_string", "Django's, of a field"),
    Called(
        "slipway/interfaces/*", "*_middleware *Middleware doorway process_response", "MIDDLEWARE"
    ),
    Called("slipway/records/accounts/*", "Argon2 time_cost memory_cost parallelism", "a hasher"),
    Called("slipway/records/accounts/*", "is_staff", "lets superusers into the admin pages"),
    Called("slipway/records/catalog/models/services.py", "*", "what is chosen by its value"),
    # The API's shapes.
    Called(
        "slipway/interfaces/api/*", "resolve_* model_config", "django-ninja fills fields by them"
    ),
    Called(
        "slipway/interfaces/api/*", "parse_body MultiValueDict", "django-ninja's parser, a type"
    ),
    Called(
        "slipway/interfaces/api/*", "*_code *_values *_hint *_told", "fields: clients read them"
    ),
    Called("slipway/interfaces/api/*", "get_openapi_operation_id", "django-ninja asks for it"),
    Called("slipway/interfaces/api/*", "*_set *_commit *_fingerprint", "fields: clients read them"),
    Called("slipway/interfaces/api/*", "guarded drifted daily param_name", "fields, likewise"),
    Called("slipway/interfaces/api/*", "last_rollout package_removed_at", "fields, likewise"),
    Called("slipway/interfaces/api/*", "was_healthy back_version", "likewise"),
    Called(
        "slipway/interfaces/api/*", "expected_seconds batch_seconds batch_begin_seconds", "likewise"
    ),
    Called(
        "slipway/core/rollout/plans/outlook.py",
        "was_healthy back_version",
        "fields of the API are read off it",
    ),
    Called(
        "slipway/core/hosts/facts.py", "arch cpus disk_total", "kept by name as facts of a host"
    ),
    # Columns for who asks the rows what happened, or that a query names in a string.
    Called(
        "slipway/records/rollouts/*", "released_* release_reason cleared_* closed_at", "history"
    ),
    Called("slipway/records/rollouts/*", "shown_at", "history"),
    # Written and read by nobody: they may go with a migration that the code before it survives.
    Called("slipway/records/rollouts/*", "was_healthy canary_failures_allowed", "unread columns"),
    Called("slipway/records/rollouts/*", "last_progress_at", "an unread column"),
    Called("slipway/records/*", "seen_process seen_boot seen_hook_owed", "unread columns"),
    # Words of libraries: they call, or read, what is called so.
    Called(
        "slipway/adapters/builds/command/repository/http.py",
        "*",
        "dulwich's client of git over HTTP",
    ),
    Called("slipway/adapters/*", "linkname mtime", "tarfile's"),
    Called("slipway/records/rows/finding/labels.py", "arity output_field as_*", "Django's"),
    Called(
        "slipway/records/rows/writing/triggers.py",
        "reduces_to_sql *_forwards *_backwards",
        "Django's",
    ),
    Called("slipway/adapters/egress/*", "local_address socket_options", "httpcore's"),
    Called("slipway/adapters/ssh/*", "exit_status_received", "AsyncSSH's"),
    Called(
        "slipway/controller/rollouts/engine.py", "_BACKGROUND_* _polling_*", "how often DBOS asks"
    ),
    Called("slipway_demo/*", "*_auth* validate_public_key do_GET log_message", "servers'"),
    Called("slipway_demo/*", "committer *_time* trace", "dulwich's, __exit__'s"),
    Called("slipway/project/*", "max_size tempdir", "asyncio's transport, tempfile's"),
    Called("slipway_cli/arguments/grammar.py", "_split_lines", "argparse's"),
)
