"""Versions: upload packages, look at them, fetch them back."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from slipway_cli.api.client import at
from slipway_cli.arguments.grammar import Argument, Commands, Option
from slipway_cli.arguments.options import Environment, Reason, Service, Version, Where
from slipway_cli.arguments.values import given
from slipway_cli.commands.services.package_files import fetch, sha256_of
from slipway_cli.commands.services.version_tables import (
    COMMITS,
    DESTINATIONS,
    PASSAGES,
    STAYS,
    VERSION,
    VERSIONS,
    WITHDRAWALS,
    of_package,
)
from slipway_cli.errors import AlreadyPrinted, Failed, Usage
from slipway_cli.language import _
from slipway_cli.printed.progress import ProgressBar
from slipway_cli.printed.render import say
from slipway_cli.session import Session

commands = Commands()
version_app = commands.group("version", "Immutable results of building a commit.")

COMPARE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadOptions:
    """Where the package comes from."""

    version: Annotated[str, Option("Its name; else timestamp-ref-commit.")] = ""
    ref: Annotated[str, Option("Branch or tag it was built from.")] = ""
    commit: Annotated[str, Option("Commit it was built from.")] = ""
    description: Annotated[str, Option("What is in it.")] = ""


@version_app.command("upload")
def upload(
    session: Session,
    service: Service,
    file: Annotated[Path, Argument(".tar.gz .tar.zst .tar.xz .tar .zip .whl .jar …")],
    origin: UploadOptions,
) -> None:
    """Store a package as a new version; the same bytes under the same name are stored once.

    Who has none at hand finds an example where a version is uploaded in the browser.
    """
    sha256 = sha256_of(file)
    # A refusal is better heard before a long body is on its way.
    session.api.get(at("services", service))
    bar = ProgressBar(file.stat().st_size)
    try:
        answer = session.api.upload(
            at("services", service, "versions"),
            file,
            bar,
            filename=file.name,
            sha256=sha256,
            version=origin.version,
            ref=origin.ref,
            commit=origin.commit,
            description=origin.description,
        )
    finally:
        bar.close()
    name = answer.document["name"]
    said = (
        "Version {version} of {service} is stored."
        if answer.status == 201
        else "Version {version} of {service} was there already, with the same bytes."
    )
    session.done(_(said, version=name, service=service), answer.document)
    if lacks := answer.document.get("lacks"):
        say(_("It cannot be started yet: {lacks}", lacks=lacks))
        say(answer.document["lacks_hint"])


@version_app.command("list")
def list_versions(
    session: Session,
    service: Service,
    search: Annotated[
        str, Option("Part of the name, ref or description, or the commit's beginning.")
    ] = "",
    where: Where = "",
) -> None:
    """List the versions of a service, the newest first."""
    rows = session.api.items(at("services", service, "versions"), search=search, where=where)
    session.rows(rows, VERSIONS, empty=_("{service} has no version yet.", service=service))


@version_app.command("show")
def show_version(session: Session, service: Service, version: Version) -> None:
    """Show one version: where it may go, what it has been through, and where it ran."""
    document = session.api.get(at("services", service, "versions", version))
    path = ("services", service, "versions", document["name"])
    parts = ("destinations", "passages", "history")
    there, passages, stays = found = [session.api.items(at(*path, each)) for each in parts]
    session.thing({**document, **dict(zip(parts, found, strict=True))}, VERSION)
    if not session.is_json:
        session.rows(there, DESTINATIONS, empty=_("There is no environment yet."))
        session.rows(passages, PASSAGES, empty=_("No rollout has brought it anywhere yet."))
        session.rows(stays, STAYS, empty=_("It has run nowhere yet."))


@version_app.command("withdraw")
def withdraw_version(
    session: Session,
    service: Service,
    version: Version,
    env: Environment,
    reason: Annotated[str, Option("Why; shown to whoever wants to go back to it.")],
) -> None:
    """Let a version be no way back and no source of promotion in an environment."""
    path = at("services", service, "versions", version, "withdraw")
    held = session.api.post(path, {"environment": env, "reason": reason})
    what = {"version": held["version"], "service": service, "env": env}
    session.done(_("{version} of {service} is withdrawn in {env}.", **what), held)


@version_app.command("clear")
def clear_withdrawal(
    session: Session, service: Service, version: Version, env: Environment, reason: Reason = ""
) -> None:
    """Let a withdrawn version be a way back and a source of promotion again."""
    path = at("services", service, "versions", version, "clear")
    answer = session.api.post(path, {"environment": env} | given(reason=reason))
    what = {"version": version, "service": service, "env": env}
    session.done(_("{version} of {service} is withdrawn no more in {env}.", **what), answer)


@version_app.command("withdrawn")
def list_withdrawals(session: Session, service: Service) -> None:
    """List the versions of a service that are withdrawn, and where."""
    rows = session.api.items(at("services", service, "withdrawals"))
    session.rows(
        rows, WITHDRAWALS, empty=_("No version of {service} is withdrawn.", service=service)
    )


@version_app.command("compare")
def compare_versions(
    session: Session,
    service: Service,
    base: Annotated[str, Argument("The version to compare with.")],
    version: Version,
) -> None:
    """List the commits that a version has and an earlier one has not."""
    found = _compared(session, service, base, version)
    if session.is_json:
        session.thing(found, ())
    elif found["state"] == "ready":
        session.rows(found["commits"], COMMITS, empty=_("They are made of the same commit."))
        if found["total"] > len(found["commits"]):
            say(_("{total} commits in all. See {url}", total=found["total"], url=found["url"]))
    if found["state"] != "ready":
        why = found["problem"] or _("no build server knows both commits.")
        say(_("What lies between them cannot be told: {why}", why=why))
        raise AlreadyPrinted


@version_app.command("download")
def download(
    session: Session,
    service: Service,
    version: Version,
    file: Annotated[Path | None, Argument("Where to; else the package's name.")] = None,
) -> None:
    """Fetch a package back and check its sha256; a file that is there is not overwritten."""
    document = session.api.get(at("services", service, "versions", version))
    target = file or Path(
        Path(str(of_package(document, "filename") or "package")).name or "package"
    )
    if target.exists():
        raise Usage(
            _("{file} is there already.", file=target),
            hint=_("Say another name as the last word."),
        )
    fetch(
        session, at("services", service, "versions", document["name"], "package"), document, target
    )
    what = {"file": target, "version": document["name"], "service": service}
    session.done(_("{file} is version {version} of {service}.", **what), document)


def _compared(session: Session, service: str, base: str, head: str) -> dict[str, Any]:
    """Return the comparison; the first time a worker asks the build server for it."""
    late = Failed(
        _("The build server has not answered."),
        hint=_("Ask again in a moment. Is a worker running? `slipway doctor` tells."),
    )
    return session.api.get_when(
        lambda found: found["state"] != "asked",
        at("services", service, "compare"),
        late,
        within=COMPARE_SECONDS,
        base=base,
        head=head,
    )
