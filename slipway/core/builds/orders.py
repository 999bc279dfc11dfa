"""What is to be built, and by which build server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from slipway.core.builds.package_source import PackageSource


class ServerKind(StrEnum):
    GITLAB = "gitlab"
    JENKINS = "jenkins"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class ServerAccess:
    """All it takes to reach a build server. Requests go to `base_url` and below it, and, without
    any credential, to `package_bases`; nowhere else, whatever a server answers."""

    name: str
    kind: ServerKind
    base_url: str  # "https://gitlab.example.com", "" for a command
    username: str = ""  # Jenkins, and git over HTTPS
    credential: str = field(default="", repr=False)  # a token; never shown, never logged
    ca_certificate: str = ""  # PEM; "" for those of the system
    proxy: str = ""  # "http://proxy:3128"; the environment's is never used
    package_bases: tuple[str, ...] = ()  # where packages may lie besides the server itself


@dataclass(frozen=True, slots=True)
class BuildOrder:
    """What is to be built, and how its result is found again.

    `correlation` is handed to the build as the variable SLIPWAY_BUILD, and is what it is
    recognised by when nobody knows whether it was started.
    """

    access: ServerAccess
    service: str
    project: str  # id or path (GitLab), path of the job (Jenkins), URL of the repository (command)
    ref: str  # data: never part of a path or a command line
    commit: str  # "" where the server says which it is
    correlation: str
    source: PackageSource
    variables: Mapping[str, str] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()  # the variables that the service says it takes
    command: tuple[str, ...] = ()  # argv, for ServerKind.COMMAND
    time_limit: timedelta = timedelta(hours=1)
    size_limit: int = 4 * 1024**3  # bytes that a package, or the folder of a command, may have
    memory_limit: int = 4 * 1024**3  # bytes; this and the rest for ServerKind.COMMAND
    process_limit: int = 1024
    network: bool = True  # the machine's, or none
