"""The console command `slipway`: a command of the client, or of the server package beside it."""

import gc
import sys
from collections.abc import Sequence
from importlib import import_module

from slipway_cli.api.patience import PAUSES, Pauses
from slipway_cli.language import settle

# Which module of slipway_cli.commands brings which words. A call loads only what it names.
MODULES = {
    "rollouts.operations": (
        *("deploy", "upgrade", "rollback", "apply", "restart", "stop", "start"),
        *("remove", "retry"),
    ),
    "rollouts.plans": ("plan",),
    "rollouts.rollouts": ("rollout",),
    "rollouts.steering": ("rollout",),
    "services.services": ("service",),
    "services.versions": ("version",),
    "builds.builds": ("build",),
    "builds.build_servers": ("build-server",),
    "rollouts.promotions": ("promote",),
    "services.releasing": ("release-rule", "retention"),
    "fleet.instances": ("instance",),
    "fleet.host_entries": ("host",),
    "fleet.hosts": ("host",),
    "fleet.environments": ("env", "key"),
    "fleet.windows": ("window",),
    "rollouts.locks": ("lock", "unlock"),
    "people.audit": ("audit",),
    "start.doctor": ("doctor",),
    "rollouts.claims": ("claim",),
    "people.logins": ("login", "logout", "context", "completion"),
    "people.tokens": ("token",),
    "people.access": ("user", "grant"),
}


def main(argv: Sequence[str] | None = None, pauses: Pauses = PAUSES) -> int:
    """Run one command and return its exit code: 0 done, 1 failed, 2 refused."""
    words = list(sys.argv[1:] if argv is None else argv)
    settle()
    client_words = {word for own in MODULES.values() for word in own}
    # Modules are loaded where they are needed: most of a command's time is loading.
    if words == ["--version"]:
        return int(import_module("slipway_cli.installed").print_version())
    if words[:1] == ["complete"]:
        return int(import_module("slipway_cli.completion.asking").run(words[1:], pauses))
    if words and not words[0].startswith("-") and words[0] not in client_words:
        code: int | None = import_module("slipway_cli.installed").run_server_command(*words)
        if code is not None:
            return code
    # Nearly all of it lives until the end: to look for cycles every 700 objects is a waste of time.
    gc.set_threshold(20_000, 20, 20)
    named = [module for module, own in MODULES.items() if set(own) & set(words)]
    return int(import_module("slipway_cli.root").run(words, named or list(MODULES), pauses))
