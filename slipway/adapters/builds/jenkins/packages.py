"""Brings the package of a build: an artifact, all of them, or what an artifact points to."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import quote, unquote, urlsplit

import httpx

from slipway.adapters.builds.jenkins.jobs import Place, build_path, gone
from slipway.adapters.builds.jenkins.seen import entries
from slipway.adapters.builds.jenkins.talk import NoSuchPage, Talk
from slipway.core.builds.orders import BuildOrder
from slipway.core.builds.package_source import SourceKind
from slipway.core.builds.path_patterns import fits
from slipway.core.builds.seen import FetchedPackage
from slipway.core.words.names import shown
from slipway.core.words.sentence import NONE, Sentence
from slipway.ports.builds import PackageMissing, ServerRefused

DOTENV = "slipway.env"  # the artifact that names an address, unless the settings say another
_DOTENV_LIMIT = 64 * 1024
_ARCHIVE = "*zip*/archive.zip"
_LISTED = 20
_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][0-9A-Za-z_]*)=(.*)")
_NOTHING_ARCHIVED = Sentence.of("nothing_archived", "nothing (never archived, or thrown away)")


@contextmanager
def fetch(talk: Talk, order: BuildOrder, place: Place) -> Iterator[FetchedPackage]:
    """Give the package. Raises PackageMissing, BuildGone, and ServerRefused for a source that
    Jenkins has not."""
    if order.source.kind is SourceKind.REGISTRY:
        raise ServerRefused(
            "{server} is a Jenkins, which has no package registry.",
            hint="Let the job archive the package (archiveArtifacts), and set the service's "
            "package to from: artifact.",
            server=order.access.name,
        )
    there = _artifacts(talk, order, place)
    path = build_path(order, place)
    match order.source.kind:
        case SourceKind.URL:
            url = _address(talk, order, path, there)
            filename = unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2]) or "package"
            # Other paths of a build lead to other builds and jobs.
            ours = f"{path}artifact/"
            with talk.stream_named(url, order.size_limit, ours=ours) as response:
                yield _package(talk, order, response, filename, [url])
        case SourceKind.ARCHIVE:
            if not there:
                raise _missing("at all", there)
            filename = f"{order.project.rstrip('/').rpartition('/')[2]}-{place.number}.zip"
            with talk.stream(path, f"artifact/{_ARCHIVE}", order.size_limit) as response:
                yield _package(talk, order, response, filename, there)
        case _:
            chosen = _choose(order, order.source.path, there)
            with talk.stream(path, _entry(chosen), order.size_limit) as response:
                yield _package(talk, order, response, chosen.rpartition("/")[2], there)


def _artifacts(talk: Talk, order: BuildOrder, place: Place) -> list[str]:
    try:
        told = talk.read(build_path(order, place), "artifacts[relativePath]")
    except NoSuchPage as error:
        raise gone(order, place.id) from error
    paths = (entry.get("relativePath") for entry in entries(told, "artifacts"))
    return [path for path in paths if isinstance(path, str) and path]


def _entry(path: str) -> str:
    return f"artifact/{quote(path, safe='/')}"


def _choose(order: BuildOrder, wanted: str, there: Sequence[str]) -> str:
    """Return the one artifact that is meant; of "" the only one."""
    found = [path for path in there if not wanted or fits(path, wanted)]
    if len(found) != 1:
        raise _missing(f"“{shown(wanted)}”", there, found)
    return found[0]


def _package(
    talk: Talk,
    order: BuildOrder,
    response: httpx.Response,
    filename: str,
    there: Sequence[str],
) -> FetchedPackage:
    if response.status_code in (404, 410):
        raise _missing(shown(filename), there)
    try:
        talk.check(response)
    except ServerRefused as error:
        if order.source.kind is not SourceKind.URL:
            raise
        raise _denied(order, response, there[0]) from error
    return FetchedPackage(filename, response.iter_bytes())


def _denied(order: BuildOrder, response: httpx.Response, url: str) -> ServerRefused:
    return ServerRefused(
        "{url}, where the build says its package is, answered with the status {status}.",
        hint="The credential of {server} goes to the artifacts of that very build only. Let the "
        "package be had without one, or archive it in Jenkins (package from: artifact).",
        url=shown(url.partition("?")[0], 200),
        status=response.status_code,
        server=order.access.name,
    )


def _address(talk: Talk, order: BuildOrder, path: str, there: Sequence[str]) -> str:
    """Return what the dotenv artifact says for the variable of the source."""
    chosen = _choose(order, order.source.job or DOTENV, there)
    with talk.stream(path, _entry(chosen), _DOTENV_LIMIT) as response:
        if response.status_code == 404:
            raise _missing(shown(chosen), there)
        talk.check(response)
        lines = response.read().decode("utf-8", "replace").splitlines()
    found = (_LINE.fullmatch(line.strip()) for line in lines)
    values = {match[1]: match[2].strip().strip("\"'") for match in found if match}
    url = values.get(order.source.path, "")
    if not url:
        raise PackageMissing(
            "The artifact {file} of the build has no variable {name}; it has: {names}.",
            hint="Let the job write {name}=https://… into it.",
            file=shown(chosen),
            name=shown(order.source.path),
            names=shown(", ".join(values), 200) or NONE,
        )
    return url


def _missing(wanted: str, there: Sequence[str], found: Sequence[str] = ()) -> PackageMissing:
    names = shown(", ".join(found or there[:_LISTED]), 400) or _NOTHING_ARCHIVED
    more = 0 if found else max(0, len(there) - _LISTED)
    listed = Sentence.of("and_more", "{shown} and {more} more", shown=names, more=more)
    return PackageMissing(
        "The build has more than one artifact that could be meant by {wanted}: {names}."
        if len(found) > 1
        else "The build has no artifact {wanted}. It has: {names}.",
        hint="Correct the package in the service's build settings, or what the job archives "
        "(archiveArtifacts); or build again.",
        wanted=wanted,
        names=listed if more else names,
    )
