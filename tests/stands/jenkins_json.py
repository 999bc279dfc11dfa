"""How Jenkins says in JSON what the stand-in knows, and what `tree` leaves of it."""

import re
from typing import Any

from tests.stands.jenkins_state import Build, Change, Item, Job

_CLASSES = {
    "WorkflowJob": "org.jenkinsci.plugins.workflow.job.WorkflowJob",
    "FreeStyleProject": "hudson.model.FreeStyleProject",
    "Folder": "com.cloudbees.hudson.plugins.folder.Folder",
    "WorkflowMultiBranchProject": (
        "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"
    ),
    "OrganizationFolder": "jenkins.branch.OrganizationFolder",
}
_TOKEN = re.compile(r"[A-Za-z0-9_*]+|[\[\],]|\{[0-9]*,?[0-9]*\}")


def job_json(job: Job, root: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "_class": _CLASSES[job.kind],
        "actions": [{}],
        "name": job.name,
        "fullName": job.full_name,
        "url": root + job.path,
    }
    if job.holds_jobs:
        return told | {"jobs": [job_json(child, root) for child in job.children.values()]}
    builds = job.newest_first()
    return told | {
        "buildable": job.buildable,
        "builds": [build_json(build, root) for build in builds[:100]],
        "nextBuildNumber": job.next_number,
        "property": [_parameter_definitions(job)] if job.parameters else [],
    }


def _parameter_definitions(job: Job) -> dict[str, Any]:
    return {
        "_class": "hudson.model.ParametersDefinitionProperty",
        "parameterDefinitions": [
            {
                "_class": "hudson.model.StringParameterDefinition",
                "defaultParameterValue": {"name": name, "value": ""},
                "name": name,
                "type": "StringParameterDefinition",
            }
            for name in job.parameters
        ],
    }


def build_json(build: Build, root: str) -> dict[str, Any]:
    freestyle = build.job.kind == "FreeStyleProject"
    changes = {"items": [_change(change, root) for change in build.changes], "kind": "git"}
    return {
        "_class": f"…{'FreeStyleBuild' if freestyle else 'WorkflowRun'}",
        "actions": [_parameters(build.parameters), {}, *_revisions(build)],
        "artifacts": [
            {"displayPath": name, "fileName": name.rpartition("/")[2], "relativePath": name}
            for name in build.artifacts
        ],
        "building": build.result is None,
        "description": build.description,
        "displayName": f"#{build.number}",
        "duration": build.duration,
        "number": build.number,
        "queueId": build.queue_id,
        "result": build.result,
        "timestamp": build.timestamp,
        "url": root + build.path,
        **({"changeSet": changes} if freestyle else {"changeSets": [changes]}),
    }


def _parameters(values: dict[str, str]) -> dict[str, Any]:
    kind = "hudson.model.StringParameterValue"
    told = [{"_class": kind, "name": name, "value": value} for name, value in values.items()]
    return {"_class": "hudson.model.ParametersAction", "parameters": told}


def _revisions(build: Build) -> list[dict[str, Any]]:
    """A pipeline's shared libraries are checked out, and told, before its own repository."""
    revisions = list(build.libraries)
    if build.commit:
        revisions.append((build.commit, f"refs/remotes/origin/{build.ref}"))
    return [
        {
            "_class": "hudson.plugins.git.util.BuildData",
            "lastBuiltRevision": {"SHA1": sha, "branch": [{"SHA1": sha, "name": branch}]},
            "remoteUrls": ["https://git.example.com/team/billing.git"],
        }
        for sha, branch in revisions
    ]


def _change(change: Change, root: str) -> dict[str, Any]:
    return {
        "_class": "hudson.plugins.git.GitChangeSet",
        "commitId": change.id,
        "timestamp": change.at,
        "author": {"absoluteUrl": f"{root}user/alice", "fullName": change.author},
        "comment": f"{change.title}\n\nBecause.\n",
        "msg": change.title,
    }


def item_json(item: Item, root: str) -> dict[str, Any]:
    kind = "LeftItem" if item.is_left else "BuildableItem"
    told: dict[str, Any] = {
        "_class": f"hudson.model.Queue${kind}",
        "actions": [_parameters(item.parameters)],
        "id": item.id,
        "inQueueSince": 1_700_000_000_000 + item.id,
        "task": {
            "_class": _CLASSES[item.job.kind],
            "name": item.job.name,
            "url": root + item.job.path,
        },
        "url": f"queue/item/{item.id}/",
        "why": None if item.is_left else item.why,
    }
    if item.is_left:
        told["cancelled"] = item.cancelled
        build = item.build
        told["executable"] = build and {
            "_class": "…Run",
            "number": build.number,
            "url": root + build.path,
        }
    return told


def prune(value: Any, tree: str) -> Any:
    """Return what Jenkins leaves for `?tree=…`: the keys it names, and `_class`."""
    wanted, rest = _parse(_TOKEN.findall(tree))
    if rest:
        raise ValueError(f"not a tree: {tree}")
    return _pick(value, wanted)


_Tree = dict[str, tuple["_Tree", int]]


def _parse(tokens: list[str]) -> tuple[_Tree, list[str]]:
    wanted: _Tree = {}
    while tokens and tokens[0] != "]":
        name, *tokens = tokens
        inner: _Tree = {}
        if tokens and tokens[0] == "[":
            inner, tokens = _parse(tokens[1:])
            tokens = tokens[1:]
        most = 100
        if tokens and tokens[0].startswith("{"):
            most = int(tokens[0].strip("{}").rpartition(",")[2])
            tokens = tokens[1:]
        wanted[name] = inner, most
        if tokens and tokens[0] == ",":
            tokens = tokens[1:]
    return wanted, tokens


def _pick(value: Any, wanted: _Tree) -> Any:
    if isinstance(value, list):
        return [_pick(item, wanted) for item in value]
    if not isinstance(value, dict):
        return value
    picked = {"_class": value["_class"]} if "_class" in value else {}
    for name, (inner, most) in wanted.items():
        if name not in value:
            continue
        part = value[name][:most] if isinstance(value[name], list) else value[name]
        picked[name] = _pick(part, inner)
    return picked
