"""Which orders a build by command takes; the others are refused before anything is begun."""

import re

from slipway.adapters.builds.command.packages import check_source
from slipway.adapters.builds.command.repositories import is_commit
from slipway.core.names import shown
from slipway.ports.builds import BuildOrder, ServerRefused

# What tells shells, linkers, interpreters and git where to find code, or what to run besides.
_UNFIT_VARIABLE = re.compile(
    r"PATH|HOME|IFS|ENV|PS4|CDPATH|BASH_ENV|SHELLOPTS|BASHOPTS|NODE_OPTIONS|CLASSPATH"
    r"|MAKEFLAGS|MFLAGS|GNUMAKEFLAGS|MAKEFILES|.*JAVA.*_OPTIONS"
    r"|(?:LD_|PYTHON|PERL5|RUBY|GIT_).*"
)


def check_order(order: BuildOrder) -> None:
    """Raise ServerRefused unless a build by command can be what the order says."""
    check_source(order.source)
    if not order.command or not order.command[0]:
        raise ServerRefused(
            "Nothing says how {service} is built: it has no build command.",
            hint="Add it to the service's build settings: command: make package.",
            service=order.service,
        )
    _check_commit(order)
    _check_variables(order)


def _check_commit(order: BuildOrder) -> None:
    if order.commit and not is_commit(order.commit):
        raise ServerRefused(
            "{commit} is no whole commit, and a build by command of {service} needs one.",
            hint="Give the whole commit, all 40 digits of it, as git rev-parse says them.",
            commit=f"“{shown(order.commit)}”",
            service=order.service,
        )


def _check_variables(order: BuildOrder) -> None:
    for name in sorted(order.variables):
        if _UNFIT_VARIABLE.fullmatch(name):
            raise ServerRefused(
                "{service} cannot be built by command with the variable {name}: it would change "
                "how programs run on the worker.",
                hint="Take it out of the build's variables. What the command itself needs, it may "
                "set for itself: env {name}=… make package.",
                service=order.service,
                name=shown(name),
            )
