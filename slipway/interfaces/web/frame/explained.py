"""Which paragraph of the documents explains what a refusal or a check says, by its code."""

_NIGHT = "/docs/operations/operating#when-something-happens-at-three-in-the-morning"
_RESTORED = "/docs/operations/operating#a-restored-database"
_LOOKING = "/docs/operations/operating#looking"
_PROCESSES = "/docs/operations/scaling-out#several-web-processes-and-workers"
_RIGHTS = "/docs/operations/security#who-may-do-what"
_HOSTS = "/docs/operations/security#hosts"
_BUILD_SERVERS = "/docs/operations/security#build-servers"
_BY_COMMAND = "/docs/howto/builds#builds-by-command"

_ASKED = "/docs/operations/operating#what-a-rollout-asks"
_MEANT = "/docs/meanings"

REFUSALS = {
    "active_rollout": f"{_MEANT}#3-overtaken",
    "build_server_trouble": _NIGHT,
    "freeze_window": f"{_MEANT}#11-halt-way-back-pause-cancel-ends",
    "host_denied": "/docs/howto/first-service",
    "host_incapable": _NIGHT,
    "host_unreachable": _NIGHT,
    "instance_locked": _NIGHT,
    "mixed_versions": "/docs/howto/builds#6-release-by-itself-promote-clean-up",
    "no_room": _ASKED,
    "none_serves": _ASKED,
    "nothing_asked": _ASKED,
    "nothing_to_raise": _RESTORED,
    "too_large": "/docs/release-spec#packages",
    "version_exists": "/docs/release-spec#packages",
    "withdrawn": "/docs/operations/operating#what-the-words-of-a-rollout-say",
    "below_floors": "/docs/meanings#4-serving-away-room",
    "build_server_refused": _BUILD_SERVERS,
    "forbidden": _RIGHTS,
    "foreign_claim": _NIGHT,
    "host_key_changed": _NIGHT,
    "host_key_unknown": _HOSTS,
    "key_not_granted": _HOSTS,
    "locked": _NIGHT,
    "machine_elsewhere": _HOSTS,
    "no_earlier_version": "/docs/meanings#2-the-way-back",
    "package_refused": "/docs/release-spec#packages",
    "plan_changed": "/docs/meanings#8-a-plan-is-a-value",
    "stale_claim": _RESTORED,
    "superseded": "/docs/meanings#3-overtaken",
    "unconfirmed": _RIGHTS,
    "unfit_address": _BUILD_SERVERS,
    "user_needed": _HOSTS,
}
CHECKS = {
    "builds": _BY_COMMAND,
    "certificates": _LOOKING,
    "claims": _RESTORED,
    "clocks": _PROCESSES,
    "disks": _LOOKING,
    "drift": _NIGHT,
    "hosts": _NIGHT,
    "instances": _NIGHT,
    "keys": "/docs/operations/security#secrets",
    "locks": _NIGHT,
    "rollouts": _NIGHT,
    "twins": _HOSTS,
    "versions": _PROCESSES,
    "workers": _PROCESSES,
}
