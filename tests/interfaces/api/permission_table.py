"""Who there is, and one request for every endpoint: what the tests of permissions go through."""

from dataclasses import dataclass, field
from typing import Any

from slipway.core.words.roles import Action, Role
from tests.interfaces.archives import package

RANK = {Role.VIEWER: 1, Role.UPLOADER: 2, Role.DEPLOYER: 3, Role.ADMIN: 4}
# 4: all others
LEAST = {Action.VIEW: 1, Action.UPLOAD: 2, Action.DEPLOY: 3, Action.LOCK: 3, Action.BUILD: 3}
GRANTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "charlie": (),
    "dora": (("viewer", "billing", ""),),
    "una": (("uploader", "billing", ""),),
    "alice": (("deployer", "billing", ""),),
    "bob": (("admin", "billing", ""),),
    "wanda": (("admin", "", "prod"),),
    "penny": (("deployer", "billing", "prod"),),
    "root": (("admin", "", ""),),
}


@dataclass(frozen=True)
class Place:
    """Where a thing belongs, and how it is called there."""

    service: str
    environment: str
    host: str


OWN = Place("billing", "prod", "web-1")
FOREIGN = Place("shop", "dev", "dev-1")


@dataclass(frozen=True)
class Try:
    """A request: `path` and `body` have {places}. `scope`: what of the place the right is for.

    `makes`: what it is about does not exist yet, so it cannot be hidden. `sight`: what of the place
    one has to see, where that is more than the right is for.
    """

    path: str
    body: Any = None
    scope: str = "both"
    makes: bool = False
    sight: str = ""
    data: bytes | None = field(default=None, repr=False)


WISH = {"service": "{service}", "environment": "{environment}", "kind": "restart"}
CONFIRMED = {"confirm": "{service}"}
LOCK = {"service": "{service}", "environment": "{environment}", "reason": "a good reason"}
WHY = {"environment": "{environment}", "reason": "a good reason"}
RULE = {"service": "{service}", "environment": "{environment}", "refs": ["main"]}
LATER = {"service": "{service}", "environment": "{environment}", "reason": ""}
NEW_HOST = {"name": "new", "address": "new.{environment}.example", "environment": "{environment}"}
WINDOW = {"from": "2099-01-01T00:00:00Z", "until": "2099-01-02T00:00:00Z"}
HOSTS = {"text": "name,address\n", "filename": "hosts.csv", "environment": "{environment}"}
UPLOAD = "/services/{service}/versions?filename=b.tar.gz"
PASSWORD = {"password": "a long new password"}
USER = {"username": "new", "password": "a long new password"}
GRANT = {"user": "charlie", "role": "viewer", "service": "{service}"}

GIVEN = {**GRANT, "user": "{holder}", "role": "viewer"}

TABLE: dict[str, Try] = {
    "GET /me": Try("/me"),
    "GET /users": Try("/users"),
    "POST /users": Try("/users", USER),
    "POST /users/{name}/password": Try("/users/charlie/password", PASSWORD),
    "DELETE /users/{name}": Try("/users/charlie"),
    "POST /users/{name}/enable": Try("/users/charlie/enable"),
    "GET /users/{name}/tokens": Try("/users/charlie/tokens"),
    "GET /access": Try("/access?action=deploy&service={service}", scope="service", makes=True),
    "GET /grants": Try("/grants"),
    "POST /grants": Try("/grants", GRANT, scope="service", makes=True),
    "DELETE /grants": Try("/grants", GIVEN, scope="service", makes=True),
    "DELETE /grants/{id}": Try("/grants/{grant}"),
    "GET /tokens": Try("/tokens"),
    "POST /tokens": Try("/tokens", {"name": "new", "role": "viewer", "expires": 60}),
    "DELETE /tokens/{prefix}": Try("/tokens/{token}"),
    "GET /environments": Try("/environments"),
    "POST /environments": Try(
        "/environments", {"name": "{environment}"}, scope="environment", makes=True
    ),
    "GET /environments/{name}": Try("/environments/{environment}", scope="environment"),
    "PATCH /environments/{name}": Try("/environments/{environment}", {}, scope="environment"),
    "GET /environments/{name}/windows": Try(
        "/environments/{environment}/windows", scope="environment"
    ),
    "POST /environments/{name}/windows": Try(
        "/environments/{environment}/windows", WINDOW, scope="environment"
    ),
    "DELETE /environments/{name}/windows/{window}": Try(
        "/environments/{environment}/windows/{window}", scope="environment"
    ),
    "GET /keys": Try("/keys"),
    "GET /keys/{name}": Try("/keys/default"),
    "POST /keys": Try("/keys", {"name": "new"}),
    "DELETE /keys/{name}": Try("/keys/default"),
    "POST /keys/{name}/environments": Try(
        "/keys/default/environments", {"environment": "{environment}"}
    ),
    "DELETE /keys/{name}/environments/{environment}": Try(
        "/keys/default/environments/{environment}"
    ),
    "GET /hosts": Try("/hosts"),
    "POST /hosts": Try("/hosts", NEW_HOST, scope="environment"),
    "POST /hosts/import": Try("/hosts/import", HOSTS, scope="environment"),
    "GET /hosts/{name}": Try("/hosts/{host}", scope="environment"),
    "PATCH /hosts/{name}": Try("/hosts/{host}", {}, scope="environment"),
    "DELETE /hosts/{name}": Try("/hosts/{host}", scope="environment"),
    "POST /hosts/{name}/maintenance": Try(
        "/hosts/{host}/maintenance", {"on": True}, scope="environment"
    ),
    "POST /hosts/{name}/restore": Try(
        "/hosts/{host}/restore", {"confirm": "{host}"}, sight="environment"
    ),
    "POST /hosts/{name}/forget-key": Try("/hosts/{host}/forget-key", {}, scope="environment"),
    "POST /checks": Try("/checks", {"hosts": ["{host}"], "learn_key": True}, scope="environment"),
    "GET /checks/{id}": Try("/checks/{check}", scope="environment"),
    "GET /services": Try("/services"),
    "POST /services": Try("/services", {"name": "{service}"}, scope="service", makes=True),
    "GET /services/{name}": Try("/services/{service}", scope="service"),
    "PATCH /services/{name}": Try("/services/{service}", {}, scope="service"),
    "POST /services/{name}/star": Try("/services/{service}/star", {}, scope="service"),
    "POST /services/{name}/unstar": Try("/services/{service}/unstar", {}, scope="service"),
    "DELETE /services/{name}": Try("/services/{service}", scope="service"),
    "GET /services/{name}/versions": Try("/services/{service}/versions", scope="service"),
    "POST /services/{name}/versions": Try(UPLOAD, scope="service", data=package()),
    "GET /services/{name}/versions/{version}": Try(
        "/services/{service}/versions/1.0", scope="service"
    ),
    "GET /services/{name}/versions/{version}/package": Try(
        "/services/{service}/versions/real/package", scope="service"
    ),
    "POST /services/{name}/builds": Try(
        "/services/{service}/builds", {"ref": "main"}, scope="service"
    ),
    "GET /services/{name}/builds": Try("/services/{service}/builds", scope="service"),
    "GET /services/{name}/deliveries": Try("/services/{service}/deliveries", scope="service"),
    "GET /services/{name}/compare": Try(
        "/services/{service}/compare?base=1.0&head=real", scope="service"
    ),
    "GET /builds": Try("/builds"),
    "GET /builds/{id}": Try("/builds/{build}", scope="service"),
    "GET /builds/{id}/log": Try("/builds/{build}/log", scope="service"),
    "POST /builds/{id}/cancel": Try("/builds/{build}/cancel", {}, scope="service"),
    "POST /builds/{id}/take": Try("/builds/{build}/take", {}, scope="service"),
    "GET /build-servers": Try("/build-servers"),
    "POST /build-servers": Try("/build-servers", {"name": "new", "kind": "command"}),
    "GET /build-servers/{name}": Try("/build-servers/ci"),
    "PATCH /build-servers/{name}": Try("/build-servers/ci", {}),
    "DELETE /build-servers/{name}": Try("/build-servers/ci"),
    "POST /build-servers/{name}/checks": Try("/build-servers/ci/checks", {}),
    "GET /build-servers/checks/{id}": Try("/build-servers/checks/{server_check}"),
    "GET /instances": Try("/instances"),
    "GET /instances/{id}": Try("/instances/{instance}"),
    "PATCH /instances/{id}": Try("/instances/{instance}", {}),
    "POST /instances/{id}/lock": Try("/instances/{instance}/lock", {"reason": "mine"}),
    "POST /instances/{id}/unlock": Try("/instances/{instance}/unlock", {}),
    "POST /plans": Try("/plans", WISH),
    "GET /rollouts": Try("/rollouts"),
    "POST /rollouts": Try("/rollouts", {**WISH, **CONFIRMED}),
    "GET /rollouts/{id}": Try("/rollouts/{rollout}"),
    "POST /rollouts/{id}/pause": Try("/rollouts/{rollout}/pause", {}),
    "POST /rollouts/{id}/resume": Try("/rollouts/{rollout}/resume", CONFIRMED),
    "POST /rollouts/{id}/promote": Try("/rollouts/{rollout}/promote", CONFIRMED),
    "POST /rollouts/{id}/cancel": Try("/rollouts/{rollout}/cancel", {}),
    "POST /rollouts/{id}/answer": Try(
        "/rollouts/{rollout}/answer", {"answer": "go-on", **CONFIRMED}
    ),
    "POST /rollouts/{id}/gone": Try("/rollouts/{rollout}/gone", {"place": "web-1", **CONFIRMED}),
    "POST /rollouts/{id}/retry": Try("/rollouts/{rollout}/retry", CONFIRMED),
    "POST /rollouts/{id}/rollback": Try("/rollouts/{rollout}/rollback", CONFIRMED),
    "GET /rollouts/{id}/timeline": Try("/rollouts/{rollout}/timeline"),
    "GET /rollouts/{id}/plan": Try("/rollouts/{rollout}/plan"),
    "GET /rollouts/{id}/changes": Try("/rollouts/{rollout}/changes"),
    "GET /rollouts/{id}/log": Try("/rollouts/{rollout}/log"),
    "GET /rollouts/{id}/targets/{target}/output": Try(
        "/rollouts/{rollout}/targets/{target}/output?step=switch"
    ),
    "GET /services/{name}/versions/{version}/history": Try(
        "/services/{service}/versions/1.0/history", scope="service"
    ),
    "GET /services/{name}/versions/{version}/destinations": Try(
        "/services/{service}/versions/1.0/destinations", scope="service"
    ),
    "GET /services/{name}/versions/{version}/passages": Try(
        "/services/{service}/versions/1.0/passages", scope="service"
    ),
    "GET /services/{name}/withdrawals": Try("/services/{service}/withdrawals", scope="service"),
    "POST /services/{name}/versions/{version}/withdraw": Try(
        "/services/{service}/versions/1.0/withdraw", WHY
    ),
    "POST /services/{name}/versions/{version}/clear": Try(
        "/services/{service}/versions/1.0/clear", WHY
    ),
    "GET /services/{name}/running": Try("/services/{service}/running", scope="service"),
    "GET /services/{name}/running/{environment}": Try("/services/{service}/running/{environment}"),
    "GET /release-rules": Try("/release-rules"),
    "POST /release-rules": Try("/release-rules", RULE, scope="environment", sight="both"),
    "GET /release-rules/{service}/{environment}": Try("/release-rules/{service}/{environment}"),
    "DELETE /release-rules/{service}/{environment}": Try(
        "/release-rules/{service}/{environment}", scope="environment", sight="both"
    ),
    "GET /retention": Try("/retention"),
    "POST /retention/run": Try("/retention/run", {"service": "{service}"}, scope="service"),
    "GET /retention/runs": Try("/retention/runs"),
    "GET /retention/runs/{id}": Try("/retention/runs/{run}", scope="service"),
    "GET /locks": Try("/locks"),
    "POST /locks": Try("/locks", LOCK),
    "POST /locks/release": Try("/locks/release", LATER),
    "GET /needs": Try("/needs"),
    "GET /doctor/workers": Try("/doctor/workers"),
    "GET /audit": Try("/audit"),
    "GET /audit/export": Try("/audit/export"),
    "GET /doctor": Try("/doctor"),
    "POST /claims/raise": Try("/claims/raise", {}),
}
