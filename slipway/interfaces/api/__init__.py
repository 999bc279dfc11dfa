"""The REST API: thin endpoints, described by the OpenAPI document at /api/v1/openapi.json."""

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.security import HttpBearer
from ninja.security.apikey import APIKeyCookie

from slipway.interfaces.api.builds import build_servers, builds, service_builds
from slipway.interfaces.api.fleet import (
    checks,
    environments,
    host_imports,
    hosts,
    instances,
    keys,
    restores,
    windows,
)
from slipway.interfaces.api.frame.document import DocumentedApi
from slipway.interfaces.api.frame.idempotency import remembering
from slipway.interfaces.api.frame.parsing import StrictParser
from slipway.interfaces.api.frame.refusals import answer_with_sentences
from slipway.interfaces.api.people import access, audit, people, tokens
from slipway.interfaces.api.rollouts import (
    claims,
    locks,
    plans,
    rollout_log,
    rollout_parts,
    rollouts,
)
from slipway.interfaces.api.services import (
    comparisons,
    release_rules,
    retention,
    running,
    services,
    versions,
    withdrawals,
)
from slipway.interfaces.api.start import doctor, needs
from slipway.interfaces.entrance.admission import asker
from slipway.records.accounts.rights import Actor


class Token(HttpBearer):
    """The middleware has looked at the token already; this is the second door behind it."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        return asker(request)


class Session(APIKeyCookie):
    """Likewise for people's sessions; the middleware has checked against forged requests."""

    param_name = "sessionid"

    def __init__(self) -> None:
        super().__init__(csrf=False)

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor:
        return asker(request)


def build_api() -> NinjaAPI:
    """Return the API with all its endpoints, ready to be put under a path."""
    api = DocumentedApi(
        title="Slipway",
        version="1",
        description="Release automation. Every answer that is no success is a Problem. Texts are"
        " English; to `Accept-Language: zh-Hans` an answer has `told`, too: its sentences in"
        " Chinese, by their English.",
        auth=[Token(), Session()],
        parser=StrictParser(),
        docs_url=None,  # its page loads scripts from elsewhere
    )
    answer_with_sentences(api)
    api.add_decorator(remembering, mode="view")
    for prefix, room in _ROOMS:
        api.add_router(prefix, room.router)
    return api


_ROOMS = (
    ("", access),
    ("", people),
    ("/tokens", tokens),
    ("/environments", environments),
    ("/environments", windows),
    ("/keys", keys),
    ("/hosts", host_imports),  # before a host of that name
    ("/hosts", hosts),
    ("/hosts", restores),
    ("/checks", checks),
    ("/services", services),
    ("/services", versions),
    ("/services", service_builds),
    ("/services", comparisons),
    ("/services", running),
    ("/services", withdrawals),
    ("/builds", builds),
    ("/build-servers", build_servers),
    ("/instances", instances),
    ("/plans", plans),
    ("/rollouts", rollouts),
    ("/rollouts", rollout_log),
    ("/rollouts", rollout_parts),
    ("/release-rules", release_rules),
    ("/retention", retention),
    ("/locks", locks),
    ("/audit", audit),
    ("/needs", needs),
    ("/doctor", doctor),
    ("/claims", claims),
)
