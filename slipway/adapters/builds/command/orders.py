"""Which orders a build by command takes; the others are refused before anything is begun."""

from slipway.adapters.builds.command.packages import check_source
from slipway.adapters.builds.command.repository.repositories import is_commit
from slipway.core.builds.orders import BuildOrder
from slipway.core.builds.settings import steers_programs
from slipway.core.words.names import shown
from slipway.ports.builds import ServerRefused

OURS = frozenset({"HOME", "TMPDIR", "USER", "LOGNAME", "CI"})  # jobs.Job.environment sets them


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
    """Once more, though the wish was checked: it may be older than what is declared, and what a
    variable changes (CC, say) runs on this machine."""
    for name in sorted(filter(steers_programs, order.variables)):
        raise ServerRefused(
            "{service} cannot be built by command with the variable {name}: it changes what "
            "programs of the worker do.",
            hint="Take it out of the build's variables. What the command itself needs, it may "
            "set for itself: env {name}=… make package.",
            service=order.service,
            name=shown(name),
        )
    for name in sorted(order.variables.keys() - order.declared):
        raise ServerRefused(
            "{service} cannot be built with the variable {name}: the service does not declare it.",
            hint="An admin over everything may: accepts: [{name}] in how it is built.",
            service=order.service,
            name=shown(name),
        )
    for name in sorted(order.variables.keys() & OURS):
        raise ServerRefused(
            "{service} cannot be built by command with the variable {name}: Slipway sets it.",
            hint="Take it out of the build's variables. What the command itself needs, it may "
            "set for itself: env {name}=… make package.",
            service=order.service,
            name=shown(name),
        )
