"""How a service is built, in words: who builds it, where its package lies, what a webhook needs."""

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from slipway.core.builds.orders import ServerKind
from slipway.core.builds.package_source import PackageSource, SourceKind
from slipway.core.builds.settings import BuildSettings, parse_build
from slipway.core.words.durations import format_duration
from slipway.core.words.refusal import Invalid
from slipway.core.words.roles import Action
from slipway.interfaces.web.frame.words import size
from slipway.interfaces.web.shown.building import web_address
from slipway.records.catalog.queries.services import address_shown, build_shown

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor
    from slipway.records.builds.build_facts import BuiltService

KINDS = {ServerKind.GITLAB: "GitLab CI", ServerKind.JENKINS: "Jenkins"}
_GENERIC = "generic"
_HOOKS = {ServerKind.GITLAB.value: "gitlab", ServerKind.JENKINS.value: "jenkins"}


@dataclass(frozen=True, slots=True)
class BuildFact:
    label: str
    text: str
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class HowBuilt:
    """`site` is where the project is looked at, "" where nobody knows. `hook` is the address that
    a webhook is sent to; `secret` says whose secret it is checked with, "" where none is set: then
    nothing is taken."""

    server: str
    kind: str
    project: str
    site: str
    lines: tuple[BuildFact, ...]
    hook: str
    secret: str
    keeps: str
    may_build: bool
    may_manage: bool


def how_built(request: HttpRequest, service: "BuiltService", actor: "Actor") -> HowBuilt:
    """Return how `service` is built, as `actor` may see it."""
    project, kind = address_shown(service.project, service.name, actor), service.server_kind
    hook = request.build_absolute_uri(f"/hooks/{_HOOKS.get(kind, _GENERIC)}")
    return HowBuilt(
        server=service.server,
        kind=kind_name(kind) if kind else "",
        project=project,
        site=_site(kind, service.server_url, project),
        lines=_lines(service, actor),
        hook=hook if service.server else "",
        secret=_secret(service),
        keeps=_keeps(service.keep_versions),
        may_build=actor.may(Action.BUILD, service=service.name),
        may_manage=actor.may(Action.MANAGE_SERVICE, service=service.name),
    )


def kind_name(kind: str) -> str:
    """Return what people call a kind of build server."""
    return KINDS.get(ServerKind(kind), _("Command")) if kind in set(ServerKind) else kind


def _site(kind: str, base_url: str, project: str) -> str:
    """Return the page of a project on its build server."""
    parts = [quote(part, safe="") for part in project.split("/") if part]
    match kind:
        case ServerKind.GITLAB if not project.isdigit():
            return web_address(f"{base_url}/{'/'.join(parts)}")
        case ServerKind.JENKINS:
            return web_address("/".join((base_url, *(f"job/{part}" for part in parts))))
        case _:
            return ""


def _lines(service: "BuiltService", actor: "Actor") -> tuple[BuildFact, ...]:
    try:
        settings = parse_build(build_shown(service.settings, service.name, actor))
    except Invalid as invalid:  # of an earlier release
        return (BuildFact(_("Settings"), invalid.message),)
    lines = [BuildFact(_("Default ref"), service.default_ref, is_code=True), *_package(settings)]
    if settings.command:
        lines.append(BuildFact(_("Command"), shlex.join(settings.command), is_code=True))
    if settings.variables:
        given = " ".join(f"{key}={value}" for key, value in settings.variables.items())
        lines.append(BuildFact(_("Variables"), given, is_code=True))
    if settings.accepts:
        lines.append(BuildFact(_("May be given"), " ".join(settings.accepts), is_code=True))
    limits = {"time": format_duration(settings.time_limit), "size": size(settings.size_limit)}
    lines.append(BuildFact(_("Limits"), _("%(time)s, %(size)s") % limits))
    refs = ", ".join(settings.refs)
    said = _("only those that are asked for here")
    lines.append(BuildFact(_("Takes builds of"), refs or said, is_code=bool(refs)))
    return tuple(lines)


def _package(settings: BuildSettings) -> list[BuildFact]:
    source = settings.source
    said = {
        SourceKind.ARTIFACT: _("one file of the artifacts"),
        SourceKind.ARCHIVE: _("all artifacts, as the server packs them"),
        SourceKind.REGISTRY: _("the package registry"),
        SourceKind.URL: _("an address that the build prints"),
    }[source.kind]
    where = _where(source)
    return [BuildFact(_("Package"), said), *([BuildFact("", where, is_code=True)] if where else [])]


def _where(source: PackageSource) -> str:
    return " · ".join(part for part in (source.job, source.package, source.path) if part)


def _secret(service: "BuiltService") -> str:
    if service.has_secret:
        return _("the service's own")
    if service.server_has_secret:
        return _("that of %(server)s") % {"server": service.server}
    return ""


def _keeps(count: int | None) -> str:
    if count is None:
        return _("every package")
    return ngettext(
        "the newest %(n)s package, and what is needed",
        "the newest %(n)s packages, and what is needed",
        count,
    ) % {"n": count}
