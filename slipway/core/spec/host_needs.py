"""What a release needs of its host, beyond what every release does, and does not find there."""

from collections.abc import Iterator, Mapping
from typing import Any

from slipway.core.spec.supervisors import TRAITS
from slipway.core.spec.values import HealthCheck, ReleaseSpec
from slipway.core.words.sentence import Sentence

_BY_HTTP = ("curl", "wget", "python3", "bash")
_BY_HTTPS = ("curl", "wget", "python3")  # and for an address with a password
_BY_TCP = ("python3", "bash", "curl")


def unmet(spec: ReleaseSpec, *, host: str, facts: Mapping[str, Any]) -> Iterator[Sentence]:
    """Yield what is missing, with what helps. What no fact tells is not missing: `facts` may be
    old, or nothing at all."""
    if _lacks_systemd(spec, facts):
        yield no_systemd(host)
    if spec.user in facts.get("missing_users", ()):
        yield no_user(host, spec.user)
    wanted = _asked_by(spec.health)
    if wanted and "tools" in facts and not set(wanted) & set(facts["tools"]):
        yield Sentence.of(
            "nothing_to_ask_with",
            "{host} has nothing to ask the health check with: none of {tools}.",
            hint="Install one of them there, or let the check be a command of the package's own. "
            "Then: slipway host check {host}",
            host=host,
            tools=", ".join(wanted),
        )


def no_right_for_unit(
    spec: ReleaseSpec, *, host: str, user: str, become: str, facts: Mapping[str, Any]
) -> Sentence | None:
    """Return that whoever logs in there may not do what the release needs: so we were told about
    the host, and no check has to find it. A sudo with a password is told of any release."""
    is_able = user == "root" or become == "sudo"
    needs_systemd = TRAITS[spec.supervisor].needs_systemd
    if not needs_systemd or is_able or _lacks_systemd(spec, facts):
        return None
    return Sentence.of(
        "no_right_for_unit",
        "{user} may write no unit on {host}: it is not root, and does not become it.",
        hint="Let {user} have sudo without password there, or run the service by its own scripts "
        "(supervisor: script). Then: slipway host change {host} --sudo",
        host=host,
        user=user,
    )


def _lacks_systemd(spec: ReleaseSpec, facts: Mapping[str, Any]) -> bool:
    return TRAITS[spec.supervisor].needs_systemd and facts.get("systemd") is False


def no_systemd(host: str) -> Sentence:
    return Sentence.of(
        "no_systemd",
        "systemd does not run on {host}, and is to run the service.",
        hint="Run it by its own scripts (supervisor: script), leave the host out, or have systemd "
        "run there. Then: slipway host check {host}",
        host=host,
    )


def no_user(host: str, run_as: str) -> Sentence:
    return Sentence.of(
        "no_run_user",
        "There is no user {run_as} on {host}, as whom the service is to run.",
        hint="Make that user there (useradd --system {run_as}), or name another in the service's "
        "spec. Then: slipway host check {host}",
        host=host,
        run_as=run_as,
    )


def _asked_by(check: HealthCheck) -> tuple[str, ...]:
    """Return the programs of which one is to be there."""
    if check.tcp:
        return _BY_TCP
    if not check.http:
        return ()
    address = check.http.partition("://")[2].partition("/")[0]
    tools = _BY_HTTP if check.http.startswith("http://") and "@" not in address else _BY_HTTPS
    # Whose words everybody on the host can read is told no secret.
    is_secret = "@" in address or "?" in check.http
    return tuple(tool for tool in tools if tool != "wget" or not is_secret)
