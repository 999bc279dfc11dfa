"""Why a rollout is not started, or not changed."""

from slipway.core.words.refusal import Invalid, Refused


class Locked(Refused):
    """Somebody, or an automatic rollback, has put up a stop sign."""

    code = "locked"


class Unconfirmed(Invalid):
    """The environment is guarded, and what was asked for was not confirmed by its name."""

    code = "unconfirmed"


class ActiveRollout(Refused):
    """Another rollout is under way there."""

    code = "active_rollout"


class PlanChanged(Refused):
    """The plan is not the one that was looked at."""

    code = "plan_changed"


class BelowFloors(Refused):
    """The wish is less careful than the environment, and who wishes it is not its admin."""

    code = "below_floors"


class NothingToDo(Refused):
    """All is as it is asked to be: an answer, not an error."""

    code = "nothing_to_do"


class HostInMaintenance(Refused):
    """The host, or the instance on it, is taken out of rollouts."""

    code = "host_in_maintenance"


class NotLookedAt(Refused):
    """The host is another machine since it was looked at."""

    code = "not_looked_at"


class SeenLongAgo(Refused):
    """All is as asked for by what was seen, and that was seen too long ago to say so."""

    code = "seen_long_ago"


class NothingThere(Refused):
    """The host was found without the service: there is nothing that could be started."""

    code = "nothing_there"


class UnknownHost(Refused):
    """The host is not there, or not in that environment, or the service is not on it."""

    code = "unknown_host"


class InstanceExists(Refused):
    """The service is on the host already."""

    code = "instance_exists"


class PortTaken(Refused):
    """Another service has that port on the host."""

    code = "port_taken"


class NoInstances(Refused):
    """The service is nowhere in that environment."""

    code = "no_instances"


class MixedVersions(Refused):
    """The environment does not run one version."""

    code = "mixed_versions"


class NoEarlierVersion(Refused):
    """There is nothing to go back to."""

    code = "no_earlier_version"


class Superseded(Refused):
    """A later rollout has changed what this one did."""

    code = "superseded"


class ApprovalNeeded(Refused):
    """The environment asks for approvals."""

    code = "approval_needed"


class Frozen(Refused):
    """The environment is closed at this time."""

    code = "freeze_window"


class UserNeeded(Refused):
    """The environment asks for a user other than root, and none is named."""

    code = "user_needed"


class VersionNeeded(Refused):
    """It was not said which version."""

    code = "version_needed"


class RolloutOver(Refused):
    """The rollout is over, and stays as it ended."""

    code = "rollout_over"


class NotOver(Refused):
    """The rollout is still under way."""

    code = "rollout_not_over"


class NothingToPromote(Refused):
    """No batch waits for a person."""

    code = "nothing_to_promote"


class NotLocked(Refused):
    """There is no lock to release."""

    code = "not_locked"


class NoRoom(Refused):
    """More is away than may be: nothing that serves can be taken."""

    code = "no_room"


class NoneServes(Refused):
    """Instances are meant to be up, and none serves."""

    code = "none_serves"


class NothingAsked(Refused):
    """The rollout asks nothing that could be answered."""

    code = "nothing_asked"


class Withdrawn(Refused):
    """The version is no way back and no source of promotion there."""

    code = "withdrawn"


class NothingToRaise(Refused):
    """No host knows a later claim of ours that ours could be raised over."""

    code = "nothing_to_raise"


class NotWithdrawn(Refused):
    """The version is not withdrawn there: there is nothing to clear."""

    code = "not_withdrawn"
