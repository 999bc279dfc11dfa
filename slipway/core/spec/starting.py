"""Whether a release spec says how the service is started, and what it lacks where it does not."""

from slipway.core.spec.supervisors import TRAITS
from slipway.core.spec.values import ReleaseSpec
from slipway.core.words.refusal import Invalid


def lacks_start(spec: ReleaseSpec, service: str) -> Invalid | None:
    """Return what is missing to start the service anywhere; None where nothing is."""
    traits = TRAITS[spec.supervisor]
    if traits.takes_run and not spec.run:
        return no_run(service)
    needed = (each for each in ("start", "stop") if each in traits.scripts)
    missing = next((each for each in needed if getattr(spec.scripts, each) is None), "")
    return no_script(service, missing) if missing else None


def no_run(service: str) -> Invalid:
    return Invalid(
        "The release spec of {service} does not say what to run.",
        hint="Add run: to slipway.yaml or to the service's release spec.",
        service=service,
    )


def no_script(service: str, script: str) -> Invalid:
    return Invalid(
        "The release spec of {service} has no {script} script.",
        hint="With supervisor: script, scripts.start and scripts.stop are needed.",
        service=service,
        script=script,
    )
