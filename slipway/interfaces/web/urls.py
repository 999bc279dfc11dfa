"""Which address leads to which page."""

from django.urls import URLPattern, path, register_converter

from slipway.interfaces.web.builds import builds, servers
from slipway.interfaces.web.documents import reading
from slipway.interfaces.web.fleet import (
    environment_form,
    environment_list,
    environments,
    host_changes,
    host_form,
    host_import,
    host_new,
    hosts,
    key_grants,
    keys,
    restores,
)
from slipway.interfaces.web.fleet.host import instance
from slipway.interfaces.web.people import audit, people, person, rights, sessions, system
from slipway.interfaces.web.rollouts import board, history, logs, steps, tabs
from slipway.interfaces.web.rollouts.plan import planning
from slipway.interfaces.web.services import (
    build_settings,
    locks,
    packages,
    release_rules,
    service,
    service_form,
    service_new,
    spec,
    stars,
    version,
    version_new,
    withdrawals,
)
from slipway.interfaces.web.shown import buttons, commits, matrix
from slipway.interfaces.web.start import example, finding, home


class IdConverter:
    """A number that a database can hold: a longer one is no address of ours."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(IdConverter, "id")

_ROLLOUT = "rollouts/<id:rollout_id>"
_SERVICE = "services/<str:name>"
_VERSION = f"{_SERVICE}/versions/<str:version_name>"
_BUILD = "builds/<id:build_id>"
_BUTTONS = ("pause", "resume", "promote", "cancel", "retry", "rollback", "without")

urlpatterns: list[URLPattern] = [
    path("login", sessions.log_in),
    path("logout", sessions.log_out),
    path("", home.show_home),
    path("find", finding.find),
    path("example/hello-<id:number>.tar.gz", example.send),
    path("services", matrix.show_services),
    path("services/-/new", service_new.add),
    path(_SERVICE, service.show_service),
    path(f"{_SERVICE}/lock", locks.lock),
    path(f"{_SERVICE}/unlock", locks.unlock),
    path(f"{_SERVICE}/star", stars.star),
    path(f"{_SERVICE}/unstar", stars.unstar),
    path(f"{_SERVICE}/build", builds.new_build),
    path(f"{_SERVICE}/building", build_settings.show_settings),
    path(f"{_SERVICE}/rules", release_rules.set_rule),
    path(f"{_SERVICE}/compare", commits.compare),
    path(f"{_SERVICE}/change", service_form.change),
    path(f"{_SERVICE}/remove", service_form.remove),
    path(f"{_SERVICE}/spec", spec.show_spec),
    path(f"{_SERVICE}/versions/-/new", version_new.add),
    path(f"{_SERVICE}/versions", service.show_versions),
    path(_VERSION, version.show_version),
    path(f"{_VERSION}/parts", version.show_parts),
    path(f"{_VERSION}/package", version.download),
    path(f"{_VERSION}/withdraw", withdrawals.withdraw),
    path(f"{_VERSION}/clear", withdrawals.clear),
    path("builds", builds.show_builds),
    path(_BUILD, builds.show_build),
    path(f"{_BUILD}/parts", version.show_parts_of_build),
    path(f"{_BUILD}/log", builds.show_log),
    path(f"{_BUILD}/log.txt", logs.build_log),
    path(f"{_BUILD}/cancel", builds.cancel),
    path(f"{_BUILD}/take", builds.take),
    path("build-servers", servers.show_servers),
    path("build-servers/-/new", servers.add_server),
    path("build-servers/-/checks/<uuid:check>", servers.show_check),
    path("build-servers/<str:name>", servers.show_server),
    path("build-servers/<str:name>/test", servers.test),
    path("build-servers/<str:name>/delete", servers.delete),
    path("rollouts", history.show_history),
    path("rollouts/new", planning.new_rollout),
    path("rollouts/plan", planning.show_plan),
    path(_ROLLOUT, board.show_board),
    path(f"{_ROLLOUT}/head", board.show_head),
    path(f"{_ROLLOUT}/events", board.watch),
    path(f"{_ROLLOUT}/tabs/<str:name>", tabs.show_tab),
    path(f"{_ROLLOUT}/log.txt", logs.rollout_log),
    path(f"{_ROLLOUT}/targets/<id:target_id>", steps.show_target),
    path(f"{_ROLLOUT}/targets/<id:target_id>/gone", buttons.say_gone),
    *(path(f"{_ROLLOUT}/{name}", buttons.press, {"name": name}) for name in _BUTTONS),
    path("hosts", hosts.show_hosts),
    path("checks", hosts.check_hosts),
    path("hosts/-/new", host_new.add),
    path("hosts/-/import", host_import.import_hosts),
    path("hosts/<str:name>", hosts.show_host),
    path("hosts/<str:name>/change", host_form.show_form),
    path("environments", environment_list.show_environments),
    path("environments/-/new", environment_form.add),
    path("environments/<str:name>/change", environment_form.change),
    path("environments/<str:name>", environments.show_environment),
    path("environments/<str:name>/windows/<str:window>/remove", environments.remove_window),
    path("environments/<str:name>/named-users", environments.ask_for_named_users),
    path("environments/<str:name>/keys", key_grants.grant),
    path("environments/<str:name>/keys/<str:key>/revoke", key_grants.revoke),
    path("hosts/<str:name>/check", hosts.check_host),
    path("hosts/<str:name>/forget-key", host_changes.forget_key),
    path("hosts/<str:name>/remove", host_changes.remove),
    path("hosts/<str:name>/maintenance", host_changes.set_host_maintenance),
    path("hosts/<str:name>/restore", restores.restore),
    path("instances/<id:instance_id>", instance.show_instance),
    path("instances/<id:instance_id>/lock", instance.lock),
    path("instances/<id:instance_id>/unlock", instance.unlock),
    path("keys", keys.show_keys),
    path("keys/<str:name>/remove", keys.remove),
    path("packages", packages.show_packages),
    path("packages/retention", packages.run_retention),
    path("audit", audit.show_audit),
    path("audit/export", audit.export),
    path("people", people.show_people),
    path("people/-/new", people.add_person),
    path("people/-/may", rights.show_who_may),
    path("people/-/grants", rights.give_role),
    path("people/-/grants/take", rights.take_role),
    path("people/<str:name>", people.show_person),
    path("people/<str:name>/signing-in", people.set_signing_in),
    path("people/<str:name>/password", people.set_password),
    path("people/<str:name>/tokens/<str:prefix>/revoke", people.revoke_token),
    path("system", system.show_system),
    path("system/claims", system.raise_claims),
    path("docs", reading.show_shelf),
    path("docs/<path:name>", reading.show_document),
    path("me", person.show_me),
    path("me/password", person.change_password),
    path("me/looks", sessions.set_looks),
    path("me/tokens", person.create_token),
    path("me/tokens/<str:prefix>/revoke", person.revoke_token),
]
