"""Tries a Jenkins out: what works, what not, and what to do about it."""

from collections.abc import Iterator, Mapping
from typing import Any

from slipway.adapters.builds.jenkins.jobs import (
    JOB_TREE,
    branch_path,
    declared,
    is_folder,
    is_multibranch,
    project_path,
    read_project,
)
from slipway.adapters.builds.jenkins.parameters import CORRELATION, REF_NAMES, first_of, undeclared
from slipway.adapters.builds.jenkins.seen import entries
from slipway.adapters.builds.jenkins.talk import Talk
from slipway.core.builds.seen import Finding
from slipway.core.words.names import shown
from slipway.core.words.refusal import Refused
from slipway.ports.builds import ServerRefused

_BRANCHES_TREE = "jobs[name,property[parameterDefinitions[name]]]{0,20}"


def find_all(talk: Talk, project: str) -> Iterator[Finding]:
    """Yield a finding for each thing tried; the first that does not work ends it where the others
    depend on it."""
    try:
        yield from _server(talk)
        yield _crumbs(talk)
        if project:
            yield from _project(talk, project)
    except Refused as error:
        yield finding(error)


def finding(error: Refused) -> Finding:
    return Finding(error.sentence, False)


def _server(talk: Talk) -> Iterator[Finding]:
    name = talk.access.name
    response = talk.ask("me/", "api/json", {"tree": "id"})
    version = shown(response.headers.get("X-Jenkins", ""), 20)
    if version:
        yield Finding.of(
            "jenkins_answers", "{name} is Jenkins {version}.", True, name=name, version=version
        )
    elif response.is_client_error or response.is_success:
        raise ServerRefused(
            "{server} answers, but not as Jenkins does.",
            hint="Correct its address: that of Jenkins' first page, with its path (…/jenkins).",
            server=name,
        )
    user = talk.parse(talk.checked(response)).get("id")
    yield Finding.of(
        "credential_taken", "It takes the credential of {user}.", True, user=shown(str(user))
    )
    if talk.access.base_url.startswith("http://"):
        yield Finding.of(
            "unencrypted",
            "The credential goes to it unencrypted.",
            True,
            hint="Give its https address, if it has one: else anybody on the way can read it.",
        )


def _crumbs(talk: Talk) -> Finding:
    response = talk.ask("", "crumbIssuer/api/json")
    if response.status_code == 404:
        return Finding.of("no_crumbs", "It asks for no crumbs.", True)
    talk.parse(talk.checked(response))
    return Finding.of("crumbs", "It gives crumbs, should it ask for them.", True)


def _project(talk: Talk, project: str) -> Iterator[Finding]:
    told = read_project(talk, project, f"{JOB_TREE},{_BRANCHES_TREE}")
    if is_multibranch(told):
        yield from _multibranch(talk, project, told)
        return
    if is_folder(told):
        raise ServerRefused(
            "{project} is a folder, not a job.",
            hint="Name the job inside it: {project}/…",
            project=shown(project),
        )
    yield Finding.of("project_there", "{project} is there.", True, project=shown(project))
    if told.get("buildable") is False:
        yield Finding.of(
            "project_disabled",
            "{project} is disabled.",
            False,
            hint="Enable it in Jenkins.",
            project=shown(project),
        )
    yield from _parameters(talk, project, project_path(project), declared(told), (REF_NAMES[0],))


def _multibranch(talk: Talk, project: str, told: Mapping[str, Any]) -> Iterator[Finding]:
    branches = [entry for entry in entries(told, "jobs") if isinstance(entry.get("name"), str)]
    if not branches:
        raise ServerRefused(
            "{project} is there, but has no branches yet.",
            hint="Let Jenkins look for them: Scan Multibranch Pipeline Now.",
            project=shown(project),
        )
    yield Finding.of(
        "branches_there",
        "{project} is there, with a job for each branch.",
        True,
        project=shown(project),
    )
    lacking = [branch for branch in branches if CORRELATION not in declared(branch)]
    chosen = (lacking or branches)[0]["name"]
    path = branch_path(project, chosen)
    known = declared((lacking or branches)[0])
    yield from _parameters(talk, f"{project}/{chosen}", path, known, (), is_branch=True)


def _parameters(
    talk: Talk,
    name: str,
    path: str,
    known: tuple[str, ...],
    needed: tuple[str, ...],
    *,
    is_branch: bool = False,
) -> Iterator[Finding]:
    missing = [] if CORRELATION in known else [CORRELATION]
    if needed and not first_of(REF_NAMES, known):
        missing.extend(needed)
    if missing:
        server = talk.access.name
        yield finding(undeclared(server, name, missing, is_branch=is_branch))
    else:
        yield Finding.of(
            "parameters_declared",
            "{project} declares the parameters that are needed.",
            True,
            project=shown(name),
        )
    if known:
        # A job with parameters shows its form to whoever gets it; without any, it would be built.
        response = talk.ask(path, "build")
        if response.status_code in (401, 403):
            talk.checked(response)
        yield Finding.of(
            "form_opens",
            "The form to build {project} opens.",
            True,
            hint="Whether it may be sent (Job/Build), some versions say only when it is.",
            project=shown(name),
        )
