"""What rows hold that tells real ones from empty ones: settings, facts, sentences, lines."""

from typing import Any

from slipway.core.words.sentence import Sentence

LINES = (  # of one host: what Slipway says of a step, and what the step prints
    "pulling 5.6 MB from the package store",
    "5872025 of 5872025 bytes",
    "sha256 is as it should be",
    "unpacking into /opt/slipway/releases",
    "stopping: waiting for 3 open requests",
    "stopped after 1.2 s",
    "switched current to the new release",
    "starting: listening on 0.0.0.0:8080",
    "loaded 412 routes, 18 workers",
    "health: connection refused, again in 1 s",
    "health: 503 Service Unavailable, again in 1 s",
    "health: 200 OK after 4.1 s",
    "watched for 10 s, no restart",
    "done",
)
STEPS = ("fetch", "unpack", "stop", "switch", "start", "health", "clean")

FACTS: dict[str, Any] = {
    "os": "Debian GNU/Linux 12 (bookworm)",
    "arch": "x86_64",
    "cpus": 8,
    "memory": 33_568_292_864,
    "disk_total": 210_304_475_136,
    "disk_free": 140_304_475_136,
    "inodes_free": 12_482_304,
    "root_writable": True,
    "systemd": True,
    "can_become_root": True,
    "tools": ["tar", "gzip", "sha256sum", "flock", "setsid", "systemctl", "curl", "python3"],
    "lacking": [],
    "barred": [],
    "sudo_milliseconds": 12,
    "single_session": False,
    "noexec": False,
    "missing_users": [],
}

SPEC: dict[str, Any] = {
    "supervisor": "script",
    "user": "app",
    "scripts": {"start": "./start.sh", "stop": "./stop.sh"},
    "environment": {f"SETTING_{number}": f"value of {number}" for number in range(12)},
    "health": {
        "http": "http://${HOST}:${PORT}/health",
        "interval": "1s",
        "min_healthy_time": "10s",
        "healthy_deadline": "2m",
    },
    "stop_timeout": "30s",
}

ILL = Sentence.of(
    "unhealthy",
    "{address} answers {status}.",
    hint="Look at its log.",
    address="http://10.0.0.7:8080/health",
    status="503 Service Unavailable",
)
AWAY = Sentence.of("ssh_away", "{host} did not answer within 10 s.", host="it")
FAILED = Sentence.of(
    "health_failed",
    "{host} was not healthy within 2 m: {why}",
    hint="Look at its log, then retry.",
    host="it",
    why="503 Service Unavailable",
)
HALTED = Sentence.of("halted", "More failed than the {allowed} that may.", allowed=1)
SAID = Sentence.of("step_begun", "{step} on {host}.", step="fetch", host="it")


def plan_of(places: list[tuple[str, int]], version: str) -> dict[str, Any]:
    """Return a plan as long as a real one: nobody drives what is measured here."""
    release = {"version": version, "fingerprint": "0f" * 32}
    planned = {
        **{"origin": release, "goal": release, "back": release, "next_back": None},
        **{"batch": 1, "up": True, "was_up": True, "was_well": True, "is_new": False},
        **{"anew": False, "orders": "", "deadline": 600.0},
    }
    host = {
        **{"address": "10.0.0.7", "port": 22, "user": "deploy", "root": "/opt/slipway"},
        **{"become": "sudo", "host_key": "ssh-ed25519 " + "A" * 68, "key": "default"},
        "tools": FACTS["tools"],
    }
    return {
        "format": 1,
        "version": version,
        "places": [
            {
                "planned": {**planned, "place": f"{name}:{port}"},
                **{"host": name, "port": port, "weight": 100, "tag": "", "limit": 180.0},
            }
            for name, port in places
        ],
        "hosts": {name: {**host, "name": name} for name, _port in places},
        "releases": {"0f" * 32: {"value": release, "spec": SPEC, "package": None}},
    }
