"""The test of a GitLab: what works, what not, and what to do about it."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from slipway.adapters.builds.gitlab.answers import reading
from slipway.adapters.builds.gitlab.api import GitLabApi, NotThere, path
from slipway.core.builds.orders import ServerAccess
from slipway.core.builds.seen import Finding
from slipway.core.words.names import shown
from slipway.core.words.refusal import Refused
from slipway.ports.builds import ServerRefused

DEVELOPER = 30
_ROLES = {0: "none", 5: "Minimal access", 10: "Guest", 15: "Planner", 20: "Reporter"}
_ROLES |= {30: "Developer", 40: "Maintainer", 50: "Owner", 60: "Administrator"}
_VARIABLES = {"developer": 30, "maintainer": 40, "owner": 50, "no_one_allowed": 1000}
_NEEDS_API = "Make a token with the scope api: builds are started by it."
_NEEDS_ROLE = "Give the token's user the role Developer in {name}."
_NO_RUNNER = "Pipelines will wait: start a runner, or share one with it."
_UNENCRYPTED = Finding.of(
    "unencrypted",
    "The token crosses the network unencrypted.",
    True,
    hint="Let GitLab speak https, and change its address here.",
)


class GitLabTest:
    """Asks one thing after the other; what cannot be asked for lack of the one before is left."""

    def __init__(self, api: GitLabApi, access: ServerAccess, project: str) -> None:
        self._api = api
        self._access = access
        self._project = project

    def findings(self) -> tuple[Finding, ...]:
        return tuple(self._all())

    def _all(self) -> Iterator[Finding]:
        answers, goes_on = self._server()
        yield from answers
        if not goes_on:
            return
        yield from self._asked(self._token)
        if not self._project:
            return
        yield from self._asked(self._in_project)

    def _asked(self, question: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
        try:
            with reading(self._api):
                yield from question()
        except Refused as error:
            yield _trouble(error)

    def _server(self) -> tuple[list[Finding], bool]:
        try:
            with reading(self._api):
                version = shown(str(self._api.get(path("version"))["version"]))
        except NotThere:
            return [_none_at(self._access.base_url)], False
        except Refused as error:
            return [_trouble(error)], False
        found = [
            Finding.of(
                "gitlab_answers",
                "GitLab {version} answers at {address}.",
                True,
                version=version,
                address=self._access.base_url,
            )
        ]
        if self._access.base_url.lower().startswith("https:"):
            found.append(Finding.of("trusted", "Its certificate is trusted.", True))
        else:
            found.append(_UNENCRYPTED)
        return found, True

    def _token(self) -> Iterator[Finding]:
        try:
            token = self._api.get(path("personal_access_tokens", "self"))
        except NotThere:
            yield Finding.of(
                "token_accepted", "The token is accepted; GitLab does not say what it may do.", True
            )
            return
        scopes = [str(scope) for scope in token.get("scopes") or ()]
        may_start, until = "api" in scopes, token.get("expires_at")
        template = (
            "The token “{name}” is accepted, has the scopes {scopes}, and expires on {day}."
            if until
            else "The token “{name}” is accepted, has the scopes {scopes}, and does not expire."
        )
        yield Finding.of(
            "token_scopes",
            template,
            may_start,
            hint="" if may_start else _NEEDS_API,
            name=shown(str(token.get("name") or "")),
            scopes=", ".join(scopes),
            day=until,
        )

    def _in_project(self) -> Iterator[Finding]:
        project = self._api.get(path("projects", self._project))
        name = shown(str(project["path_with_namespace"]))
        yield Finding.of("project_visible", "The project {name} is visible.", True, name=name)
        level = _level(project)
        yield from self._may_build(name, project, level)
        yield from self._asked(partial(self._variables, project, level))
        yield from self._asked(partial(self._runners, name))

    def _may_build(
        self, name: str, project: Mapping[str, Any], level: int | None
    ) -> Iterator[Finding]:
        if project.get("builds_access_level") == "disabled" or project.get("jobs_enabled") is False:
            yield Finding.of(
                "no_ci",
                "CI/CD is switched off in {name}.",
                False,
                hint="Switch CI/CD on in the project's settings.",
                name=name,
            )
        elif level is None:
            yield Finding.of(
                "role_unknown",
                "GitLab does not say which role the token has in {name}.",
                True,
                name=name,
            )
        else:
            role = _ROLES.get(level, str(level))
            may = level >= DEVELOPER
            template = (
                "With the role {role} it can start pipelines in {name}."
                if may
                else "With the role {role} it cannot start pipelines in {name}."
            )
            hint = "" if may else _NEEDS_ROLE
            yield Finding.of("role", template, may, hint=hint, role=role, name=name)

    def _variables(self, project: Mapping[str, Any], level: int | None) -> Iterator[Finding]:
        """A build is started with variables, and found again by reading one of them."""
        least = str(project.get("ci_pipeline_variables_minimum_override_role") or "")
        needed = _VARIABLES.get(least, 0)
        if needed > (level or needed):
            yield Finding.of(
                "no_variables",
                "The project lets the token set no pipeline variables.",
                False,
                hint="Under CI/CD settings, Variables, lower the role that may use pipeline "
                "variables.",
            )
        pipelines = self._api.list(
            path("projects", self._project, "pipelines"), most=1, source="api"
        )
        for pipeline in pipelines:
            where = path("projects", self._project, "pipelines", pipeline["id"], "variables")
            try:
                list(self._api.list(where))
            except ServerRefused as error:
                yield Finding.of(
                    "variables_unread",
                    "The variables of pipelines cannot be read: {why}",
                    False,
                    hint="A build whose start went unanswered is found by them: give the token's "
                    "user a higher role.",
                    why=error.sentence,
                )
            else:
                yield Finding.of("variables_read", "The variables of pipelines can be read.", True)

    def _runners(self, name: str) -> Iterator[Finding]:
        try:
            runners = self._api.list(
                path("projects", self._project, "runners"), most=1, status="online"
            )
            online = any(True for _ in runners)
        except ServerRefused:
            return  # only maintainers may ask
        template = "A runner is online for {name}." if online else "No runner is online for {name}."
        yield Finding.of("runner", template, online, hint="" if online else _NO_RUNNER, name=name)


def _level(project: Mapping[str, Any]) -> int | None:
    permissions = project.get("permissions") or {}
    ways = (permissions.get("project_access"), permissions.get("group_access"))
    levels = [way["access_level"] for way in ways if way]
    return max((level for level in levels if isinstance(level, int)), default=None)


def _trouble(error: Refused) -> Finding:
    return Finding(error.sentence, False)


def _none_at(address: str) -> Finding:
    return Finding.of(
        "no_gitlab",
        "There is no GitLab at {address}.",
        False,
        hint="Give the address under which its pages begin, without /api or a project.",
        address=address,
    )
