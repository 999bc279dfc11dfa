"""Who may do what: four roles, each action with the least one that is enough."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    VIEWER = "viewer"
    UPLOADER = "uploader"  # for CI: brings versions; what follows them by itself is a release rule
    DEPLOYER = "deployer"
    ADMIN = "admin"


class Action(StrEnum):
    VIEW = "view"
    VIEW_HOST = "view_host"  # how hosts are reached, and what was found on them
    DEPLOY = "deploy"  # every operation on instances
    UPLOAD = "upload"
    BUILD = "build"
    LOCK = "lock"
    BREAK_LOCK = "break_lock"
    MANAGE_SERVICE = "manage_service"
    MANAGE_HOST = "manage_host"
    MANAGE_ENVIRONMENT = "manage_environment"
    MANAGE_ACCESS = "manage_access"
    MANAGE_SERVER = "manage_server"  # build servers: where requests may go, with which credential


@dataclass(frozen=True, slots=True)
class Lacking:
    """A right that was asked for and not there; "" stands for all services, or environments."""

    action: Action
    service: str
    environment: str


_RANK = {role: rank for rank, role in enumerate(Role)}  # the least first

LEAST_ROLE = {
    Action.VIEW: Role.VIEWER,
    Action.VIEW_HOST: Role.VIEWER,
    Action.DEPLOY: Role.DEPLOYER,
    Action.UPLOAD: Role.UPLOADER,
    Action.BUILD: Role.DEPLOYER,
    Action.LOCK: Role.DEPLOYER,
    Action.BREAK_LOCK: Role.ADMIN,
    Action.MANAGE_SERVICE: Role.ADMIN,
    Action.MANAGE_HOST: Role.ADMIN,
    Action.MANAGE_ENVIRONMENT: Role.ADMIN,
    Action.MANAGE_ACCESS: Role.ADMIN,
    Action.MANAGE_SERVER: Role.ADMIN,
}


def allows(role: Role, action: Action) -> bool:
    """Return whether `role` is enough for `action`."""
    return _RANK[role] >= _RANK[LEAST_ROLE[action]]


def roles_allowing(action: Action) -> tuple[Role, ...]:
    """Return every role that is enough for `action`, the least first."""
    return tuple(role for role in Role if allows(role, action))
