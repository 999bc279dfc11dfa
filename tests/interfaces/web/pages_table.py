"""Which page does what each request of the API does, or why there is no need of one."""

from dataclasses import dataclass, field

V1 = "20261120T101502-main-1111111"


@dataclass(frozen=True)
class Page:
    """A page that shows what the request tells, where the company of the test has it."""

    address: str


@dataclass(frozen=True)
class Form:
    """A form that does it: the page it stands on (or several, parted by spaces: not all of its
    fields are on each) and the address it is sent to. `named`: what fields are called that have
    another name than in the API; `without`: those it lacks, and why."""

    page: str
    to: str
    named: dict[str, str] = field(default_factory=dict)
    without: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Needless:
    """No page, and why."""

    why: str


_BY_ADDRESS = "the address that it is sent to says it"
_SERVICE = {"service": _BY_ADDRESS}
_RULES = {
    "approvals_needed": "closed until approvals can be given: doctor says how to open it again",
    "freeze_windows": "added and removed one by one on the page of the environment",
}
_ORIGIN = {"build_origin": "kept for programs; nothing asks for it"}
_SERVICE_NAMED = {
    "build_server": "server",
    "build_project": "project",
    "keep_versions": "keep",
}
_SERVICE_PAGES = {
    each: "said on the pages of a service that is there"
    for each in ("build_url", "build_server", "build_project", "build", "hook_secret")
}
_SHOP = "/services/shop"
_BILLING = "/services/billing"
_VERSION = f"{_BILLING}/versions/{V1}"
_WISH = "service=billing&environment=prod"
_PLANS = " ".join(f"/rollouts/new?kind={kind}&{_WISH}" for kind in ("deploy", "revert", "upgrade"))

TABLE: dict[str, Page | Form | Needless] = {
    "POST /login": Form(
        "/login", "/login", without={"token_name": "a browser has a session, no token"}
    ),
    "GET /me": Page("/me"),
    "GET /users": Page("/people"),
    "POST /users": Form("/people/-/new", "/people/-/new"),
    "POST /users/{name}/password": Form(
        "/people/alice",
        "/people/alice/password",
        without={"current_password": "for one's own, on the page of settings"},
    ),
    "DELETE /users/{name}": Form("/people/alice", "/people/alice/signing-in"),
    "POST /users/{name}/enable": Form("/people/off", "/people/off/signing-in"),
    "GET /users/{name}/tokens": Page("/people/alice"),
    "GET /access": Page("/people/-/may?action=deploy&service=billing&environment=prod"),
    "GET /grants": Page("/people/alice"),
    "POST /grants": Form("/people/alice", "/people/-/grants"),
    "DELETE /grants": Form("/people/alice", "/people/-/grants/take"),
    "DELETE /grants/{id}": Form("/people/alice", "/people/-/grants/take"),
    "GET /tokens": Page("/me"),
    "POST /tokens": Form("/me", "/me/tokens", named={"expires": "days"}),
    "DELETE /tokens/{prefix}": Form("/me", "/me/tokens/{prefix}/revoke"),
    "GET /environments": Page("/environments"),
    "POST /environments": Form("/environments/-/new", "/environments/-/new", without=_RULES),
    "GET /environments/{name}": Page("/environments/prod"),
    "PATCH /environments/{name}": Form(
        "/environments/prod/change", "/environments/prod/change", without=_RULES
    ),
    "GET /environments/{name}/windows": Page("/environments/prod"),
    "POST /environments/{name}/windows": Form("/environments/prod", "/environments/prod"),
    "DELETE /environments/{name}/windows/{window}": Form(
        "/environments/prod", "/environments/prod/windows/{window}/remove"
    ),
    "GET /keys": Page("/keys"),
    "POST /keys": Form("/keys", "/keys"),
    "GET /keys/{name}": Page("/keys"),
    "DELETE /keys/{name}": Form("/keys", "/keys/default/remove"),
    "POST /keys/{name}/environments": Form(
        "/environments/dev", "/environments/dev/keys", without={"environment": _BY_ADDRESS}
    ),
    "DELETE /keys/{name}/environments/{environment}": Form(
        "/environments/prod", "/environments/prod/keys/default/revoke"
    ),
    "POST /hosts/import": Form(
        "/hosts/-/import",
        "/hosts/-/import",
        named={"content": "file", "dry_run": "do"},
        without={"encoding": "found out; what is wrong is seen before anything is done"},
    ),
    "GET /hosts": Page("/hosts"),
    "POST /hosts": Form("/hosts/-/new", "/hosts/-/new"),
    "GET /hosts/{name}": Page("/hosts/web-1"),
    "PATCH /hosts/{name}": Form("/hosts/web-1/change", "/hosts/web-1/change"),
    "DELETE /hosts/{name}": Form("/hosts/web-1", "/hosts/web-1/remove"),
    "POST /hosts/{name}/maintenance": Form("/hosts/web-1", "/hosts/web-1/maintenance"),
    "POST /hosts/{name}/forget-key": Form("/hosts/web-1", "/hosts/web-1/forget-key"),
    "POST /hosts/{name}/restore": Form(
        "/hosts/web-1",
        "/hosts/web-1/restore",
        without={"dry_run": "the page of the host says first what differs there"},
    ),
    "POST /checks": Form(
        "/hosts",
        "/checks",
        named={"environment": "where"},
        without={
            "hosts": "on the page of each host",
            "learn_key": "on the page of each host: a key is compared before it is believed",
        },
    ),
    "GET /checks/{id}": Page("/hosts/web-1"),
    "GET /services": Page("/services"),
    "POST /services": Form(
        "/services/-/new",
        "/services/-/new",
        without={**_ORIGIN, **_SERVICE_PAGES, "keep_versions": "on the page of how it is built"},
    ),
    "GET /services/{name}": Page(_BILLING),
    "PATCH /services/{name}": Form(
        f"{_BILLING}/change {_BILLING}/spec {_BILLING}/building",
        f"{_BILLING}/change {_BILLING}/spec {_BILLING}/building",
        named=_SERVICE_NAMED,
        without=_ORIGIN,
    ),
    "POST /services/{name}/star": Form(_BILLING, f"{_BILLING}/star"),
    "POST /services/{name}/unstar": Form(_SHOP, f"{_SHOP}/unstar"),
    "DELETE /services/{name}": Form(f"{_BILLING}/change", f"{_BILLING}/remove"),
    "GET /services/{name}/versions": Page(f"{_BILLING}/versions"),
    "POST /services/{name}/versions": Form(
        f"{_BILLING}/versions/-/new", f"{_BILLING}/versions/-/new", named={"filename": "file"}
    ),
    "GET /services/{name}/versions/{version}": Page(_VERSION),
    "GET /services/{name}/versions/{version}/package": Page(f"{_VERSION}"),
    "POST /services/{name}/builds": Form(f"{_SHOP}/build", f"{_SHOP}/build"),
    "GET /services/{name}/builds": Page("/builds"),
    "GET /services/{name}/deliveries": Page(f"{_SHOP}/building"),
    "GET /services/{name}/compare": Page(f"{_SHOP}/compare"),
    "GET /services/{name}/versions/{version}/history": Page(_VERSION),
    "GET /services/{name}/versions/{version}/destinations": Page(_VERSION),
    "GET /services/{name}/versions/{version}/passages": Page(_VERSION),
    "GET /services/{name}/running": Page(_BILLING),
    "GET /services/{name}/running/{environment}": Page(_BILLING),
    "GET /services/{name}/withdrawals": Page(f"{_BILLING}/versions"),
    "POST /services/{name}/versions/{version}/withdraw": Form(_VERSION, f"{_VERSION}/withdraw"),
    "POST /services/{name}/versions/{version}/clear": Form("{withdrawn}", "{withdrawn}/clear"),
    "GET /builds": Page("/builds"),
    "GET /builds/{id}": Page("{building}"),
    "GET /builds/{id}/log": Page("{building}"),
    "POST /builds/{id}/cancel": Form("{building}", "/builds/{build}/cancel"),
    "POST /builds/{id}/take": Form("{late_page}", "/builds/{late}/take"),
    "GET /build-servers": Page("/build-servers"),
    "POST /build-servers": Form("/build-servers/-/new", "/build-servers/-/new"),
    "GET /build-servers/checks/{id}": Page("/build-servers/-/checks/{check}"),
    "GET /build-servers/{name}": Page("/build-servers/gitlab-main"),
    "PATCH /build-servers/{name}": Form("/build-servers/gitlab-main", "/build-servers/gitlab-main"),
    "DELETE /build-servers/{name}": Form(
        "/build-servers/gitlab-main", "/build-servers/gitlab-main/delete"
    ),
    "POST /build-servers/{name}/checks": Form(
        "/build-servers/gitlab-main", "/build-servers/gitlab-main/test"
    ),
    "GET /instances": Page(_BILLING),
    "GET /instances/{id}": Page("/instances/{instance}"),
    "PATCH /instances/{id}": Form("/instances/{instance}", "/instances/{instance}"),
    "POST /instances/{id}/lock": Form("/instances/{instance}", "/instances/{instance}/lock"),
    "POST /instances/{id}/unlock": Form("/instances/{locked}", "/instances/{locked}/unlock"),
    "POST /plans": Form(_PLANS, "/rollouts/new"),
    "GET /rollouts": Page("/rollouts"),
    "POST /rollouts": Form(_PLANS, "/rollouts/new"),
    "GET /rollouts/{id}": Page("/rollouts/{running}"),
    "POST /rollouts/{id}/pause": Form(
        "/rollouts/{running}",
        "/rollouts/{running}/pause",
        without={"reason": "it is pressed in a hurry, and asks nothing"},
    ),
    "POST /rollouts/{id}/resume": Form("/rollouts/{asking}", "/rollouts/{asking}/resume"),
    "POST /rollouts/{id}/promote": Form("/rollouts/{running}", "/rollouts/{running}/promote"),
    "POST /rollouts/{id}/cancel": Form("/rollouts/{running}", "/rollouts/{running}/cancel"),
    "POST /rollouts/{id}/answer": Form(
        "/rollouts/{asking}",
        "/rollouts/{asking}/without",
        without={"answer": "each answer has a button; to go on is the one of resume"},
    ),
    "POST /rollouts/{id}/gone": Form(
        "/rollouts/{asking}/targets/{unknown}",
        "/rollouts/{asking}/targets/{unknown}/gone",
        without={"place": _BY_ADDRESS},
    ),
    "POST /rollouts/{id}/retry": Form("/rollouts/{halted}", "/rollouts/{halted}/retry"),
    "POST /rollouts/{id}/rollback": Form("/rollouts/{halted}", "/rollouts/{halted}/rollback"),
    "GET /rollouts/{id}/log": Page("/rollouts/{running}"),
    "GET /rollouts/{id}/timeline": Page("/rollouts/{running}?tab=timeline"),
    "GET /rollouts/{id}/plan": Page("/rollouts/{running}?tab=plan"),
    "GET /rollouts/{id}/changes": Page("/rollouts/{running}?tab=changes"),
    "GET /rollouts/{id}/targets/{target}/output": Page("/rollouts/{asking}/targets/{unknown}"),
    "GET /rollouts/{id}/events": Needless("a stream for programs; the board has its own"),
    "GET /release-rules": Page(_BILLING),
    "POST /release-rules": Form(_BILLING, f"{_BILLING}/rules", without=_SERVICE),
    "GET /release-rules/{service}/{environment}": Page(_BILLING),
    "DELETE /release-rules/{service}/{environment}": Form(_BILLING, f"{_BILLING}/rules"),
    "GET /retention": Page("/packages"),
    "POST /retention/run": Form("/packages", "/packages/retention"),
    "GET /retention/runs": Page("/packages"),
    "GET /retention/runs/{id}": Page("/packages"),
    "GET /locks": Page("/"),
    "POST /locks": Form(_BILLING, f"{_BILLING}/lock", {"for": "hours"}, _SERVICE),
    "POST /locks/release": Form(_SHOP, f"{_SHOP}/unlock", without=_SERVICE),
    "GET /audit": Page("/audit"),
    "GET /audit/export": Page("/audit"),
    "GET /needs": Page("/"),
    "GET /doctor/workers": Page("/system"),
    "GET /doctor": Page("/system"),
    "POST /claims/raise": Form("/system", "/system/claims"),
}

# Routes of forms that are of no request above: the request that does the same, or why none does.
OTHER_FORMS = {
    "logout": "a program has no session; its token is revoked by DELETE /tokens/{prefix}",
    "me/looks": "theme and language of the pages alone",
    "me/password": "POST /users/{name}/password",
    "people/<str:name>/tokens/<str:prefix>/revoke": "DELETE /tokens/{prefix}",
    "environments/<str:name>/named-users": "PATCH /environments/{name}",
    "hosts/<str:name>/check": "POST /checks",
    "rollouts/plan": "POST /plans",
}
