"""Where an environment asks for it, nothing comes that runs as root, or as nobody who is named."""

from collections.abc import Iterator, Sequence

from slipway.core.spec.supervisors import TRAITS
from slipway.core.spec.users import is_named
from slipway.core.spec.values import ReleaseSpec
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence
from slipway.records.catalog.operations.releases import spec_of_release
from slipway.records.fleet.models import Become, Host
from slipway.records.rollouts.wish.refusals import UserNeeded
from slipway.records.rollouts.wish.selection import Candidate, Selection
from slipway.records.rollouts.wish.wishes import Wish

_BRINGS = (RolloutKind.DEPLOY, RolloutKind.UPGRADE, RolloutKind.APPLY, RolloutKind.REVERT)
# With the settings of now: these may bring somebody else to what is there.
_RENEWS = (RolloutKind.RESTART, RolloutKind.START)
_NAME_ONE = (
    "Name one in its slipway.yaml, or have an admin name one in the service's own spec: user"
)
_WHOEVER = Sentence.of("whoever_logs_in", "whoever logs in on the host")


def refuse_unnamed(wish: Wish, targets: Sequence[Candidate], selection: Selection) -> None:
    """Refuse what would run as root, or as nobody who is named. What runs so already is started
    and stopped as it is, and going back is how trouble is ended."""
    if not wish.environment.named_user_needed or wish.goes_back:
        return
    if wish.kind in _RENEWS:
        targets = [
            each for each in targets if each.origin and is_named(spec_of_release(each.origin))
        ]
    elif wish.kind not in _BRINGS:
        return
    for refusal in _refusals(wish, targets):
        selection.refuse(refusal)


def _refusals(wish: Wish, targets: Sequence[Candidate]) -> Iterator[Refused]:
    places: dict[tuple[int | None, str], list[Candidate]] = {}
    for each in targets:
        if each.goal is not None:
            places.setdefault((each.goal.version_id, each.goal.fingerprint), []).append(each)
    for there in places.values():
        goal = there[0].goal
        assert goal is not None
        spec = spec_of_release(goal)
        if not is_named(spec):
            yield user_needed(wish.environment.name, goal.version.name, spec)
        elif host := next((each.host for each in there if _is_as_good(spec, each.host)), None):
            yield UserNeeded(
                "{environment} asks for a user other than root, and {version} would run as {user},"
                " with whom we log in on {host} and whom sudo makes root there.",
                hint=_NAME_ONE,
                environment=wish.environment.name,
                version=goal.version.name,
                user=spec.user,
                host=host.name,
            )


def user_needed(environment: str, version: str, spec: ReleaseSpec) -> UserNeeded:
    """Return the refusal of a version that would run as nobody who is named."""
    return UserNeeded(
        "{environment} asks for a user other than root, and {version} would run as {user}.",
        hint=_NAME_ONE,
        environment=environment,
        version=version,
        user=_runs_as(spec),
    )


def _is_as_good(spec: ReleaseSpec, host: Host) -> bool:
    """Whether who runs it becomes root there without a password."""
    return spec.user == host.user and host.become == Become.SUDO


def _runs_as(spec: ReleaseSpec) -> Sentence | str:
    is_whoever = not spec.user and TRAITS[spec.supervisor].as_login
    return _WHOEVER if is_whoever else "root"
